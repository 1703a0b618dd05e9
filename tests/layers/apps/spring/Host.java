import java.util.Scanner;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Starts the applications that it is told, and prints their ports, until its input ends. */
public class Host {

    public static void main(String[] names) throws Exception {
        var answers = System.out;
        System.setOut(System.err);
        var line = new StringBuilder();
        for (String name : names) {
            var context =
                    new SpringApplicationBuilder(Class.forName(name))
                            .bannerMode(Banner.Mode.OFF)
                            .logStartupInfo(false)
                            .properties(
                                    "server.address=127.0.0.1",
                                    "server.port=0",
                                    "spring.main.lazy-initialization=true",
                                    "spring.jmx.enabled=false",
                                    "logging.level.root=off")
                            .run();
            line.append(context.getEnvironment().getProperty("local.server.port")).append(' ');
        }
        answers.println(line);
        var input = new Scanner(System.in);
        while (input.hasNextLine()) {
            input.nextLine();
        }
        System.exit(0);
    }
}
