using System.Net;
using System.Net.Sockets;

namespace Fastbridge.Tests.Support;

/// <summary>The switches of one direction of a <see cref="TcpProxy"/>. Thread-safe.</summary>
public sealed class ProxyDirection
{
    private long _forwarded;
    private long _swallowed;
    private long _cutAt = long.MaxValue;

    /// <summary>True: bytes are read and thrown away, and so is the sender's end; the connection stays open: half open, as behind a dead radio link.</summary>
    public bool Swallow { get; set; }

    /// <summary>True: every byte is a segment of its own.</summary>
    public bool OneByteSegments { get; set; }

    /// <summary>Milliseconds before each piece is handed on.</summary>
    public int DelayMs { get; set; }

    /// <summary>Bytes a second; 0: as fast as it goes.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Bytes handed on so far, of all connections.</summary>
    public long Forwarded => Interlocked.Read(ref _forwarded);

    /// <summary>Bytes thrown away so far.</summary>
    public long Swallowed => Interlocked.Read(ref _swallowed);

    /// <summary>Once: when this many more bytes have been handed on, the connection that carried the last of them gets an RST.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _cutAt, Forwarded + bytes);

    internal void Drop(int bytes) => Interlocked.Add(ref _swallowed, bytes);

    /// <summary>How many of the bytes at hand may pass now, and whether the connection is to be cut behind them.</summary>
    internal (int Pass, bool Cut) Take(int atHand)
    {
        long at = Interlocked.Read(ref _cutAt);
        long now = Interlocked.Read(ref _forwarded);
        if (now + atHand < at)
        {
            Interlocked.Add(ref _forwarded, atHand);
            return (atHand, false);
        }

        int pass = (int)Math.Max(0, at - now);
        Interlocked.Exchange(ref _cutAt, long.MaxValue);
        Interlocked.Add(ref _forwarded, pass);
        return (pass, true);
    }
}

/// <summary>One connection through a <see cref="TcpProxy"/>.</summary>
internal sealed class ProxyLink(Socket client, TcpProxy proxy) : IDisposable
{
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _end = new();

    /// <summary>Closes with an RST instead of a FIN: SO_LINGER with 0 seconds.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not connected any more: closing is all that is left.
        }

        socket.Dispose();
    }

    public async Task RunAsync(IPEndPoint target)
    {
        client.NoDelay = true;
        try
        {
            await _server.ConnectAsync(target, _end.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Cut(reset: true);
            return;
        }

        await Task.WhenAll(PumpAsync(client, _server, proxy.Up), PumpAsync(_server, client, proxy.Down));
        Cut(reset: false);
    }

    public void Cut(bool reset)
    {
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
            return;
        }

        foreach (Socket socket in new[] { client, _server })
        {
            if (reset) Reset(socket);
            else socket.Dispose();
        }
    }

    /// <summary>After <see cref="RunAsync"/> has returned; <see cref="Cut"/> then does nothing.</summary>
    public void Dispose()
    {
        _server.Dispose();
        client.Dispose();
        _end.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, ProxyDirection way)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                int count = await from.ReceiveAsync(buffer, _end.Token);
                if (count == 0)
                {
                    // Half open: the other side does not hear of the end either.
                    if (!way.Swallow) to.Shutdown(SocketShutdown.Send);
                    return;
                }

                if (way.DelayMs > 0) await Task.Delay(way.DelayMs, _end.Token);
                if (!await ForwardAsync(buffer.AsMemory(0, count), to, way))
                {
                    Cut(reset: true);
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone: so must be the other.
            Cut(reset: true);
        }
    }

    private async Task<bool> ForwardAsync(Memory<byte> bytes, Socket to, ProxyDirection way)
    {
        while (bytes.Length > 0)
        {
            if (way.Swallow)
            {
                way.Drop(bytes.Length);
                return true;
            }

            int rate = way.BytesPerSecond;
            int size = way.OneByteSegments ? 1 : rate > 0 ? Math.Min(bytes.Length, Math.Max(1, rate / 50)) : bytes.Length;
            (int pass, bool cut) = way.Take(size);
            for (int sent = 0; sent < pass;) sent += await to.SendAsync(bytes[sent..pass], _end.Token);
            if (cut) return false;
            if (rate > 0) await Task.Delay(TimeSpan.FromSeconds((double)pass / rate), _end.Token);
            bytes = bytes[pass..];
        }

        return true;
    }
}
