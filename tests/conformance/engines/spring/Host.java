import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Scanner;
import javax.tools.ToolProvider;
import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.firewall.StrictHttpFirewall;

/**
 * The parent's side of the Spring engine: reads what to load, a line of JSON each, compiles the
 * rendered file, starts the application with it, and answers with the port.
 */
public class Host {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        // What nobody may reach without a login is refused before any handler, preflights as well.
        @Bean
        SecurityFilterChain security(HttpSecurity http) throws Exception {
            return http.csrf(csrf -> csrf.disable())
                    .authorizeHttpRequests(
                            rules ->
                                    rules.requestMatchers(
                                                    request ->
                                                            request.getRequestURI()
                                                                    .endsWith("/login-first"))
                                            .authenticated()
                                            .anyRequest()
                                            .permitAll())
                    .build();
        }

        // Spring Security knows a few methods; the handlers of the tests take all.
        @Bean
        StrictHttpFirewall firewall() {
            var firewall = new StrictHttpFirewall();
            firewall.setUnsafeAllowAnyHttpMethod(true);
            return firewall;
        }
    }

    public static void main(String[] arguments) throws Exception {
        // Spring prints; only answers to the parent may go to standard output.
        PrintStream answers = System.out;
        System.setOut(System.err);
        ConfigurableApplicationContext running = null;
        var orders = new Scanner(System.in);
        while (orders.hasNextLine()) {
            Map<String, Object> order =
                    JsonParserFactory.getJsonParser().parseMap(orders.nextLine());
            if (order.containsKey("close")) {
                running.close();
                answers.println("{}");
                continue;
            }
            Path source = Path.of((String) order.get("module"));
            running =
                    new SpringApplicationBuilder(
                                    Application.class, ErrorPage.class, compiled(source))
                            .bannerMode(Banner.Mode.OFF)
                            .logStartupInfo(false)
                            .properties(
                                    "server.address=127.0.0.1",
                                    "server.port=0",
                                    "spring.main.lazy-initialization=true",
                                    "spring.jmx.enabled=false",
                                    "logging.level.root=off")
                            .initializers(
                                    context ->
                                            context.getBeanFactory()
                                                    .registerSingleton(
                                                            "handler", new Handler(order)))
                            .run();
            String port = running.getEnvironment().getProperty("local.server.port");
            answers.println("{\"port\": " + port + "}");
        }
    }

    private static Class<?> compiled(Path source) throws IOException, ReflectiveOperationException {
        Path classes = Files.createDirectories(source.getParent().resolveSibling("classes"));
        int failed =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                System.err,
                                System.err,
                                "-Xlint:all,-classfile",
                                "-d",
                                classes.toString(),
                                source.toString());
        if (failed != 0) {
            throw new IllegalArgumentException(source + " does not compile");
        }
        URL[] places = {classes.toUri().toURL()};
        return new URLClassLoader(places, Host.class.getClassLoader()).loadClass("cors.CorsPolicy");
    }
}
