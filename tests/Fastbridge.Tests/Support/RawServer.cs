using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fastbridge.Tests.Support;

/// <summary>A TCP server in the test's process whose bytes the test writes itself: for handshakes that no broker would give.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly List<Stream> _streams = [];

    public RawServer(IPAddress? address = null)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task<Stream> AcceptAsync()
    {
        Socket socket = await _listener.AcceptSocketAsync().WaitAsync(TestTools.Guard);
        socket.NoDelay = true;
        var stream = new NetworkStream(socket, ownsSocket: true);
        _streams.Add(stream);
        return stream;
    }

    /// <summary>An HTTP head up to its empty line, with that.</summary>
    public static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one).AsTask().WaitAsync(TestTools.Guard) == 0) throw new EndOfStreamException($"the client closed inside its head: {head}");
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public static Task WriteAsync(Stream stream, string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().WaitAsync(TestTools.Guard);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (Stream stream in _streams) await stream.DisposeAsync();
    }
}
