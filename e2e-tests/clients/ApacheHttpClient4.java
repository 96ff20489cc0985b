import java.net.URI;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.VersionInfo;

/** Apache HttpClient 4 with useSystemProperties, without which it knows no proxy. */
class ApacheHttpClient4 {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            System.out.println("Apache HttpClient " + VersionInfo.loadVersionInfo("org.apache.http.client", null).getRelease().replaceAll("\\.\\d+$", ""));
            return;
        }
        var client = HttpClients.custom().useSystemProperties().disableAutomaticRetries().build();
        for (String url : arguments) {
            try {
                int status = client.execute(new HttpGet(URI.create(url)), response -> response.getStatusLine().getStatusCode());
                System.out.println(status == 200 ? "ok " + url : "failed " + url + ": " + status);
            } catch (Exception error) {
                System.out.println("failed " + url + ": " + error);
            }
        }
        System.exit(0);
    }
}
