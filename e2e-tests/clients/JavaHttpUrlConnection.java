import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** HttpURLConnection, Java's own. It reads the proxy from system properties, which JAVA_TOOL_OPTIONS can set. */
class JavaHttpUrlConnection {
    public static void main(String[] arguments) {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            System.out.println("Java " + Runtime.version().feature() + " HttpURLConnection");
            return;
        }
        for (String url : arguments) {
            try {
                ask(URI.create(url));
                System.out.println("ok " + url);
            } catch (IOException error) {
                System.out.println("failed " + url + ": " + error);
            }
        }
    }

    private static void ask(URI url) throws IOException {
        var connection = (HttpURLConnection) url.toURL().openConnection();
        connection.setConnectTimeout(5000);
        connection.setReadTimeout(5000);
        // An answer without success has no stream: this throws.
        connection.getInputStream().close();
    }
}
