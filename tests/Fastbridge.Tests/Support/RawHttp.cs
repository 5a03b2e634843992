using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>An HTTP client that sends bytes as they stand, and reads answers one by one. Every wait has the guard.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly CancellationTokenSource _guard;
    private string _unread = "";

    private RawHttp(Socket socket, Stream stream, CancellationTokenSource guard) => (_socket, _stream, _guard) = (socket, stream, guard);

    /// <summary>With TLS: what the server has shown.</summary>
    public X509Certificate2? Shown { get; private init; }

    /// <summary>With TLS: its version.</summary>
    public SslProtocols Version { get; private init; }

    /// <param name="tls">Its versions; null: plain HTTP. Any certificate is taken.</param>
    public static async Task<RawHttp> ConnectAsync(IPEndPoint server, SslProtocols? tls = null)
    {
        var guard = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        guard.CancelAfter(TestTools.Guard);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, guard.Token);
        var plain = new NetworkStream(socket);
        if (tls is null) return new RawHttp(socket, plain, guard);
        var ssl = new SslStream(plain);
        // CA5359: which one is shown is what the tests ask.
#pragma warning disable CA5359
        await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = tls.Value, RemoteCertificateValidationCallback = (_, _, _, _) => true }, guard.Token);
#pragma warning restore CA5359
        return new RawHttp(socket, ssl, guard) { Shown = new X509Certificate2(ssl.RemoteCertificate!), Version = ssl.SslProtocol };
    }

    /// <summary>All that comes back until the server closes; a reset is an end as well, also one that comes before all is sent, or before connecting has ended here.</summary>
    /// <param name="finish">Says that nothing more will be sent.</param>
    public static async Task<string> ExchangeAsync(IPEndPoint server, ReadOnlyMemory<byte> bytes, bool finish)
    {
        var received = new StringBuilder();
        RawHttp link;
        try
        {
            link = await ConnectAsync(server);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            return "";
        }

        using RawHttp _ = link;
        try
        {
            await link._stream.WriteAsync(bytes, link._guard.Token);
            if (finish) link._socket.Shutdown(SocketShutdown.Send);
            for (string text; (text = await link.ReadAsync()).Length > 0;) received.Append(text);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
        }

        return received.ToString();
    }

    /// <summary>What a TLS client sends first.</summary>
    public static async Task<byte[]> ClientHelloAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<RawHttp> asking = ConnectAsync((IPEndPoint)listener.LocalEndpoint, SslProtocols.Tls12 | SslProtocols.Tls13);
        var buffer = new byte[16 * 1024];
        int count;
        using (TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            count = await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<Exception>(() => asking);
        return buffer[..count];
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), _guard.Token);

    /// <summary>Sends a GET and returns its answer's head and body.</summary>
    public async Task<string> GetAsync(string path, string more = "")
    {
        await SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
        return await AnswerAsync();
    }

    /// <summary>The next answer, which must have a Content-Length.</summary>
    public async Task<string> AnswerAsync()
    {
        int end;
        while ((end = _unread.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0) await MoreAsync();
        string head = _unread[..end];
        int length = int.Parse(head.Split('\n').Single(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)).Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        while (_unread.Length < end + 4 + length) await MoreAsync();
        string answer = _unread[..(end + 4 + length)];
        _unread = _unread[answer.Length..];
        return answer;
    }

    /// <summary>Waits until the server has closed.</summary>
    public async Task ClosedAsync()
    {
        try
        {
            while ((await ReadAsync()).Length > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // By a reset.
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        _guard.Dispose();
        Shown?.Dispose();
    }

    private async Task MoreAsync() => _unread += await ReadAsync() is { Length: > 0 } text ? text : throw new IOException($"the server closed before its answer was whole: {_unread}");

    /// <summary>Latin-1, so that a character is a byte.</summary>
    private async Task<string> ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        return Encoding.Latin1.GetString(buffer, 0, await _stream.ReadAsync(buffer, _guard.Token));
    }
}
