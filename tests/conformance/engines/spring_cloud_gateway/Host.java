import java.io.PrintStream;
import java.util.Map;
import java.util.Scanner;
import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * The parent's side of the engine: reads what to load, a line of JSON each, starts a gateway with
 * the rendered file, and answers with the port.
 */
public class Host {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Gateway {}

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
            running =
                    new SpringApplicationBuilder(Gateway.class)
                            .bannerMode(Banner.Mode.OFF)
                            .logStartupInfo(false)
                            .properties(
                                    "spring.config.location=file:" + order.get("module"),
                                    "spring.jmx.enabled=false",
                                    "logging.level.root=off")
                            .run();
            String port = running.getEnvironment().getProperty("local.server.port");
            answers.println("{\"port\": " + port + "}");
        }
    }
}
