import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Answers as match.js does. */
class Match {
  static String text(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
  }

  static boolean matches(String how, Matcher matcher) {
    return switch (how) {
      case "full" -> matcher.matches();
      case "prefix" -> matcher.lookingAt();
      default -> matcher.find();
    };
  }

  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in));
    var out = new PrintStream(System.out, false);
    for (String line; (line = lines.readLine()) != null; ) {
      var fields = line.split("\t", -1);
      var answer = new StringBuilder();
      try {
        var flags = fields[1].contains("i") ? Pattern.CASE_INSENSITIVE : 0;
        var pattern = Pattern.compile(text(fields[2]), flags);
        for (int i = 3; i < fields.length; i++) {
          answer.append(matches(fields[0], pattern.matcher(text(fields[i]))) ? '1' : '0');
        }
      } catch (PatternSyntaxException refused) {
        answer = new StringBuilder("E");
      }
      out.println(answer);
      out.flush();
    }
  }
}
