import java.net.URI;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.util.VersionInfo;

/** Apache HttpClient 5 with useSystemProperties, without which it knows no proxy. */
class ApacheHttpClient5 {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            System.out.println("Apache HttpClient " + VersionInfo.loadVersionInfo("org.apache.hc.client5", null).getRelease().replaceAll("\\.\\d+$", ""));
            return;
        }
        var client = HttpClients.custom().useSystemProperties().disableAutomaticRetries().build();
        for (String url : arguments) {
            try {
                int status = client.execute(new HttpGet(URI.create(url)), response -> response.getCode());
                System.out.println(status == 200 ? "ok " + url : "failed " + url + ": " + status);
            } catch (Exception error) {
                System.out.println("failed " + url + ": " + error);
            }
        }
        System.exit(0);
    }
}
