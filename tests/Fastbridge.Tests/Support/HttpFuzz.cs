using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>Requests that are nearly HTTP. Of one seed always the same.</summary>
internal static class HttpFuzz
{
    private static readonly string[] Sound =
    [
        "GET /api/cluster/connector/list?limit=3&page=1 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip;q=1.0, identity\r\nIf-None-Match: \"x\"\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain\r\n\r\n",
        "GET /health/ready?connectors=all HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n",
        "HEAD /openapi.json HTTP/1.0\r\n\r\n",
        "POST /api/cluster/connector/stop HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"connector_name\":\"nobody\",\"tenant\":\"t\"}\n",
        "POST /api/cluster/connector/delete HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n{\"connector_name\":\"nobody\"}\r\n0\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n",
    ];

    private static readonly string[] Spice =
    [
        "\r\n", "\r\n\r\n", "\0", ":", " ", "%00", "%2e%2e/", "../", "\u00ff\u00fe", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n",
        "ffffffffffffffff\r\n", "Expect: 100-continue\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n", "Host: a\r\nHost: b\r\n", "?a=%zz&b=%", "HTTP/2.0", "\t", "{\"a\":", "[[[[[[", "\\ud800",
    ];

    public static IEnumerable<byte[]> Requests(int seed, int count)
    {
        // CA5394 is about secrets; here the same numbers must come again.
#pragma warning disable CA5394
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            string text = Sound[random.Next(Sound.Length)];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                int at = random.Next(text.Length + 1);
                int to = random.Next(at, text.Length + 1);
                text = random.Next(6) switch
                {
                    0 => text.Insert(at, Spice[random.Next(Spice.Length)]),
                    1 => text[..at] + text[to..],
                    2 => text[..at] + text[at..to] + text[at..],
                    3 => text[..at] + Sound[random.Next(Sound.Length)][random.Next(20)..],
                    4 => text[..at] + (char)random.Next(256) + text[Math.Min(at + 1, text.Length)..],
                    _ => text.Insert(at, new string((char)random.Next(33, 127), random.Next(1, 9000))),
                };
            }

            yield return Encoding.Latin1.GetBytes(text);
        }
#pragma warning restore CA5394
    }
}
