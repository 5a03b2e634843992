using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Fastbridge.Mqtt.Transport;

/// <content>Pongs and closes.</content>
internal sealed partial class WebSocketFrameStream
{
    /// <summary>Where a writer is at work, that one sends it behind its frames: the reader must never wait for a peer that does not read.</summary>
    private async Task SendPongAsync()
    {
        while (Volatile.Read(ref _pong) is not null && _writing.Wait(0))
        {
            try
            {
                if (Interlocked.Exchange(ref _pong, null) is { } payload && !_closeSent)
                    await SendAsync(WebSocketOpcode.Pong, payload).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }
        }
    }

    private async Task SendCloseAsync(byte[] payload)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_closeSent)
                await SendAsync(WebSocketOpcode.Close, payload).ConfigureAwait(false);
            _closeSent = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task SendAsync(WebSocketOpcode opcode, byte[] payload)
    {
        byte[] frame = new byte[payload.Length + WebSocketFrame.MostOverhead];
        int length = WebSocketFrame.Write(frame, opcode, payload);
        try
        {
            await inner.WriteAsync(frame.AsMemory(0, length)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection is gone; the reader hears of it.
        }
    }

    /// <summary>Null for a close that says nothing, or that all is well.</summary>
    private static string? Reason(ReadOnlySpan<byte> payload)
    {
        int code = payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (code is 1000 or 1001 or 1005)
            return null;
        string said = HttpHead.Cut(Encoding.UTF8.GetString(payload[2..]));
        string word = code switch { 1002 => " (protocol error)", 1003 => " (kind of data)", 1008 => " (policy)", 1009 => " (too large)", 1011 => " (server error)", 1013 => " (try again later)", _ => "" };
        return string.Create(CultureInfo.InvariantCulture, $"the server closed the WebSocket with {code}{word}{(said.Length > 0 ? $" (it says: {said})" : "")}");
    }
}
