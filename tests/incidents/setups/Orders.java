import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The policy stands in Spring MVC, behind Spring Security, which was not told of it. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Orders {

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.cors(cors -> cors.disable())
                .authorizeHttpRequests(
                        rules ->
                                rules.requestMatchers("/private")
                                        .authenticated()
                                        .anyRequest()
                                        .permitAll())
                .httpBasic(basic -> {})
                .build();
    }

    @Bean
    WebMvcConfigurer origins() {
        return new WebMvcConfigurer() {
            @Override
            public void addCorsMappings(CorsRegistry registry) {
                registry.addMapping("/**")
                        .allowedOrigins("https://app.example")
                        .allowedHeaders("authorization");
            }
        };
    }

    @RestController
    static class Handler {
        @GetMapping({"/private", "/public"})
        String answer() {
            return "fine";
        }
    }

    public static void main(String[] arguments) {
        new SpringApplicationBuilder(Orders.class)
                .properties(
                        "server.address=127.0.0.1",
                        "server.port=" + arguments[0],
                        "spring.main.lazy-initialization=true",
                        "logging.level.root=off")
                .run();
    }
}
