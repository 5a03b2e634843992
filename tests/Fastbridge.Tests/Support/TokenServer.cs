using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>A token server in the test's process: it keeps what it was asked, and answers as the test says. Its tokens are signed by nobody.</summary>
public sealed class TokenServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly ConcurrentQueue<(string Head, string Body)> _requests = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _serving;

    /// <param name="tls">It speaks TLS and shows the server's certificate.</param>
    /// <param name="address">Of loopback.</param>
    public TokenServer(Certificates? tls = null, string address = "127.0.0.1")
    {
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        if (tls is not null) _certificate = X509Certificate2.CreateFromPemFile(tls.ServerCertFile, tls.ServerKeyFile);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = Task.Run(ServeAsync);
    }

    public int Port { get; }

    public string Url => $"{(_certificate is null ? "http" : "https")}://localhost:{Port}/token";

    /// <summary>Status and body of the answer to the n-th request, from 0.</summary>
    public Func<int, (int Status, string Body)> Answer { get; set; } = _ => (200, Token());

    /// <summary>HTTP heads and bodies of what was asked.</summary>
    public (string Head, string Body)[] Requests => [.. _requests];

    /// <summary>A good answer.</summary>
    public static string Token(int lifeSeconds = 3600, string user = "alice")
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return $$"""{"token_type": "Bearer", "more": {"a": [1]}, "expires_in": {{lifeSeconds}}, "access_token": "{{Part("{\"alg\":\"none\"}")}}.{{Part($"{{\"sub\":\"{user}\",\"iat\":{now},\"exp\":{now + lifeSeconds}}}")}}."}""";
    }

    /// <summary>Returns when so many requests have been answered.</summary>
    public async Task UntilAsync(int count)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (_requests.Count < count) await Task.Delay(10, guard.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _certificate?.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using Socket socket = await _listener.AcceptSocketAsync();
                await using Stream stream = await OpenAsync(socket);
                string head = await RawServer.ReadHeadAsync(stream);
                byte[] body = new byte[LengthOf(head)];
                await stream.ReadExactlyAsync(body);
                (int status, string answer) = Answer(_requests.Count);
                byte[] bytes = Encoding.UTF8.GetBytes(answer);
                await RawServer.WriteAsync(stream, $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nLocation: http://localhost:1/elsewhere\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n");
                await stream.WriteAsync(bytes);
                _requests.Enqueue((head, Encoding.ASCII.GetString(body)));
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client went away, or does not trust us.
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException) // Also disposed, or stopped before it began.
            {
                return;
            }
        }
    }

    private async Task<Stream> OpenAsync(Socket socket)
    {
        var plain = new NetworkStream(socket);
        byte[] first = new byte[1];
        if (_certificate is null)
            return await socket.ReceiveAsync(first, SocketFlags.Peek) == 1 && first[0] == 0x16 ? throw new IOException("a TLS handshake") : plain;
        var tls = new SslStream(plain);
        await tls.AuthenticateAsServerAsync(_certificate);
        return tls;
    }

    private static int LengthOf(string head) => int.Parse(head.Split("\r\n").Single(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))[16..]);

    private static string Part(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
