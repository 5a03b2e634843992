using System.Buffers;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>Bytes as a pipe may hand them over: in segments. Each segment is an array of its own, so that an over-read throws instead of finding the next byte.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(byte[] memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>Cut at each of the ascending positions; two equal ones make an empty segment.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> positions)
    {
        int from = 0;
        Segments? first = null, last = null;
        foreach (int to in (int[])[.. positions, bytes.Length])
        {
            Segments next = new(bytes[from..to].ToArray(), from);
            if (last is null)
                first = next;
            else
                last.Next = next;
            last = next;
            from = to;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    public static ReadOnlySequence<byte> Whole(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    public static ReadOnlySequence<byte> ByteByByte(ReadOnlySpan<byte> bytes) =>
        bytes.Length < 2 ? Whole(bytes) : Cut(bytes, [.. Enumerable.Range(1, bytes.Length - 1)]);
}
