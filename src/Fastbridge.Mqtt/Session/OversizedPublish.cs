using System.Buffers;
using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// Reads past a PUBLISH that is too long to be buffered: keeps its beginning (topic, packet identifier, properties), drops the payload as it comes, and then
/// stands ready to be offered. What the length claims is never allocated. Belongs to the read loop.
/// </summary>
internal sealed class OversizedPublish(MqttVersion version) : IDisposable
{
    /// <summary>256 KB: the longest topic, and 190 KB of properties.</summary>
    public const int MostBeginning = 262_144;

    private static readonly Violation BeginningTooLong =
        new(ReasonCode.PacketTooLarge, "4.13.1", "topic and properties of a PUBLISH that is too long to be buffered take at most 256 KB");

    private FrameHeader _header;
    private byte[] _beginning = [];
    private int _kept;
    private long _toSkip;

    /// <summary>One is being read past or waits to be offered.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Bytes of the payload that was dropped.</summary>
    public int PayloadLength { get; private set; }

    /// <summary>
    /// Done: <see cref="Read"/> gives the packet. The scanner stands before its last byte until <see cref="Finish"/>: where the packet meets no room,
    /// the next read finds that byte and returns at once, though the server may send nothing more.
    /// </summary>
    public FrameStatus Advance(ref FrameScanner scanner, FrameHeader header, out ProtocolViolation? violation)
    {
        violation = null;
        if (!IsActive)
        {
            ReadOnlySpan<byte> soFar = scanner.PeekBody(header, MostBeginning);
            FrameStatus status = PublishDecoder.ReadBeginning(header, soFar, version, out _, out int payload, out violation);
            if (status == FrameStatus.NeedMoreData && soFar.Length >= MostBeginning)
            {
                violation = new(BeginningTooLong, $"more in a PUBLISH of {header.TotalLength} bytes");
                status = FrameStatus.Malformed;
            }

            if (status != FrameStatus.Done)
                return status;
            _header = header;
            _kept = header.RemainingLength - payload;
            _beginning = ArrayPool<byte>.Shared.Rent(Math.Max(_kept, 1));
            soFar[.._kept].CopyTo(_beginning);
            PayloadLength = payload;
            _toSkip = header.TotalLength;
            IsActive = true;
        }

        long here = Math.Min(_toSkip - 1, scanner.Remaining);
        scanner.Skip(here);
        _toSkip -= here;
        return scanner.Remaining > 0 ? FrameStatus.Done : FrameStatus.NeedMoreData;
    }

    /// <summary>The packet without its payload; spans are valid until <see cref="Finish"/>.</summary>
    public PublishPacket Read()
    {
        PublishDecoder.ReadBeginning(_header, _beginning.AsSpan(0, _kept), version, out PublishPacket packet, out _, out _);
        return packet;
    }

    /// <summary>The packet was taken, or left to the server: the scanner goes behind it.</summary>
    public void Finish(ref FrameScanner scanner)
    {
        scanner.Skip(1);
        Dispose();
    }

    public void Dispose()
    {
        IsActive = false;
        byte[] beginning = _beginning;
        _beginning = [];
        if (beginning.Length > 0)
            ArrayPool<byte>.Shared.Return(beginning);
    }
}
