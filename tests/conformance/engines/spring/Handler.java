import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** The hostile handlers: what they answer stands in the query. */
@RestController
class Handler {

    private final Map<String, Object> order;

    Handler(Map<String, Object> order) {
        this.order = order;
    }

    @RequestMapping("/**")
    Object answer(
            @RequestParam(defaultValue = "open") String answer,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (!takes(request.getServerName(), request.getRequestURI())) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        Files.writeString(Path.of((String) order.get("seen")), ".", StandardOpenOption.APPEND);
        if (answer.equals("crash")) {
            throw new IllegalStateException("a handler that fails");
        }
        var answers = map(order.get("answers"));
        var chosen = map(answers.get(answer));
        if (answer.equals("generous")) {
            response.reset(); // as code does that has second thoughts
        }
        var entity = ResponseEntity.status((int) chosen.get("status"));
        for (var line : (List<?>) chosen.get("headers")) {
            var pair = (List<?>) line;
            if (answer.equals("generous")) {
                // Past Spring, as older code and libraries do.
                response.setHeader((String) pair.get(0), (String) pair.get(1));
            } else {
                entity.header((String) pair.get(0), (String) pair.get(1));
            }
        }
        var whole = entity.body("answered by the service");
        // Some answers come later, from another thread.
        return answer.equals("quiet") ? (Callable<Object>) () -> whole : whole;
    }

    /** Spring answers OPTIONS itself where no handler names it. */
    @RequestMapping(path = "/**", method = RequestMethod.OPTIONS)
    Object options(
            @RequestParam(defaultValue = "open") String answer,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        return answer(answer, request, response);
    }

    private boolean takes(String host, String path) {
        for (var entry : (List<?>) order.get("routes")) {
            var route = map(entry);
            String place = (String) route.get("path");
            boolean here = route.get("host") == null || host.equals(route.get("host"));
            if (here && (boolean) route.get("exact")
                    ? path.equals(place)
                    : here && (path + "/").startsWith(place.replaceAll("/$", "") + "/")) {
                return true;
            }
        }
        return false;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
