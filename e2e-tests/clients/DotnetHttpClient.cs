using System;
using System.Net.Http;

/// HttpClient, which reads the proxy variables by itself.
class DotnetHttpClient
{
    static void Main(string[] arguments)
    {
        if (arguments.Length == 1 && arguments[0] == "--version")
        {
            Console.WriteLine(".NET " + Environment.Version + " HttpClient");
            return;
        }
        using (var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) })
        {
            foreach (var url in arguments)
            {
                try
                {
                    client.GetAsync(url).Result.EnsureSuccessStatusCode();
                    Console.WriteLine("ok " + url);
                }
                catch (Exception error)
                {
                    Console.WriteLine("failed " + url + ": " + error.GetBaseException().Message);
                }
            }
        }
    }
}
