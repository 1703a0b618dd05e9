import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

@Configuration
@EnableAutoConfiguration
public class Filtered {

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        http.csrf(csrf -> csrf.disable());
        http.authorizeHttpRequests(rules -> rules.anyRequest().permitAll());
        return http.build();
    }

    @Bean
    FilterRegistrationBean<ByHand> byHand() {
        var bean = new FilterRegistrationBean<>(new ByHand());
        bean.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return bean;
    }

    @RestController
    public static class Plain {

        @RequestMapping("/api/x")
        String x() {
            return "fine";
        }
    }

    static class ByHand extends OncePerRequestFilter {

        private final List<String> allowed = List.of("https://app.example.com", "null");

        @Override
        protected void doFilterInternal(
                HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            String origin = request.getHeader("Origin");
            if (origin != null && (allowed.contains(origin) || origin.endsWith(".vercel.app"))) {
                response.setHeader("Access-Control-Allow-Origin", origin);
                response.addHeader("Vary", "Origin");
            }
            response.setHeader("Access-Control-Allow-Methods", "GET, PUT");
            if ("OPTIONS".equalsIgnoreCase(request.getMethod())) {
                response.setStatus(HttpServletResponse.SC_OK);
                return;
            }
            chain.doFilter(request, response);
        }
    }
}
