import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.internal.Version;

/** OkHttp, which asks Java's ProxySelector. */
class OkHttp {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].equals("--version")) {
            System.out.println(Version.userAgent().replaceAll("okhttp/(\\d+\\.\\d+).*", "OkHttp $1"));
            return;
        }
        var client = new OkHttpClient.Builder().callTimeout(5, TimeUnit.SECONDS).build();
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

    private static int ask(OkHttpClient client, String url) throws Exception {
        try (var response = client.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.code();
        }
    }
}
