import jakarta.servlet.RequestDispatcher;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The page for every error, as hostile as the handlers: it lets everybody read. */
@RestController
class ErrorPage implements ErrorController {

    @RequestMapping("/error")
    ResponseEntity<String> error(
            @RequestAttribute(RequestDispatcher.ERROR_STATUS_CODE) int status) {
        return ResponseEntity.status(status)
                .header("Access-Control-Allow-Origin", "https://evil.example")
                .header("Access-Control-Expose-Headers", "*")
                .body("an error page");
    }
}
