import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** HttpClient of java.net.http. It reads the proxy from system properties, which JAVA_TOOL_OPTIONS can set. */
class JavaHttpClient {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            System.out.println("Java " + Runtime.version().feature() + " HttpClient");
            return;
        }
        var client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        for (String url : arguments) {
            try {
                int status = ask(client, url);
                System.out.println(status == 200 ? "ok " + url : "failed " + url + ": " + status);
            } catch (Exception error) {
                System.out.println("failed " + url + ": " + error);
            }
        }
        System.exit(0);
    }

    private static int ask(HttpClient client, String url) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}
