import java.util.List;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@Configuration
@EnableAutoConfiguration
public class Mapped implements WebMvcConfigurer {

    private static final String[] ORIGINS = {
        "https://App.example.com", "https://admin.example.com/"
    };

    @Override
    public void addCorsMappings(CorsRegistry registry) {
        registry.addMapping("/api/**")
                .allowedOrigins(ORIGINS)
                .allowedMethods("GET", "PUT")
                .allowedHeaders("X-Custom")
                .exposedHeaders("X-A", "X-B")
                .allowCredentials(true)
                .maxAge(60);
        registry.addMapping("/open/**");
        registry.addMapping("/patterns/*")
                .allowedOriginPatterns("https://*.vercel.app", "http://localhost:[3000,3001]");
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.csrf(csrf -> csrf.disable())
                .authorizeHttpRequests(rules -> rules.anyRequest().permitAll())
                .build();
    }

    @RestController
    public static class Plain {

        @RequestMapping({"/api/x", "/open/x", "/patterns/x", "/none"})
        String x() {
            return "fine";
        }
    }

    @RestController
    @RequestMapping("/v1")
    @CrossOrigin(origins = "https://app.example.com", maxAge = 30)
    public static class Annotated {

        @GetMapping("/one")
        String one() {
            return "fine";
        }

        @CrossOrigin(originPatterns = "*", allowCredentials = "true")
        @PutMapping("/two")
        String two() {
            return "fine";
        }

        static List<String> unused() {
            return List.of();
        }
    }
}
