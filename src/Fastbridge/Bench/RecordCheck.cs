namespace Fastbridge.Bench;

/// <summary>What stands in Kafka against what was sent, by the stamps: lost, repeated, out of order. One thread.</summary>
internal sealed class RecordCheck(int connectors)
{
    private readonly ulong[][] _seen = CreateSeen(connectors);
    private readonly long[] _last = CreateLast(connectors);

    /// <summary>Different messages.</summary>
    public long Distinct { get; private set; }

    /// <summary>Second and further records of a message.</summary>
    public long Again { get; private set; }

    /// <summary>Behind a later one of the same MQTT topic, and not a repeat.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Records that the cluster had forgotten before they were read: nothing is known of them but that they were there.</summary>
    public long Unread { get; set; }

    /// <summary>Records that are none of ours.</summary>
    public long Strange { get; private set; }

    public void Take(ReadOnlySpan<byte> value)
    {
        if (!Stamp.TryRead(value, out int connector, out long sequence) || connector >= _seen.Length || sequence > 1L << 36)
        {
            Strange++;
            return;
        }

        int word = (int)(sequence >> 6);
        if (word >= _seen[connector].Length)
            Array.Resize(ref _seen[connector], Math.Max(word + 1, _seen[connector].Length * 2));
        ulong[] seen = _seen[connector];
        ulong bit = 1UL << (int)(sequence & 63);
        if ((seen[word] & bit) != 0)
        {
            Again++;
            return;
        }

        seen[word] |= bit;
        Distinct++;
        ref long last = ref _last[connector * BenchPlan.Topics + (int)(sequence % BenchPlan.Topics)];
        if (sequence < last)
            OutOfOrder++;
        else
            last = sequence;
    }

    /// <summary>Messages that were sent and are in no record. A record that nobody could read is taken to be one of those.</summary>
    public long Lost(long sent) => Math.Max(0, sent - Distinct - Unread);

    /// <summary>Records too many. Of those that nobody could read, what goes beyond the messages that were sent must be repeats.</summary>
    public long Repeated(long sent) => Again + Math.Max(0, Distinct + Unread - sent);

    private static ulong[][] CreateSeen(int connectors)
    {
        ulong[][] seen = new ulong[connectors][];
        Array.Fill(seen, []);
        return seen;
    }

    private static long[] CreateLast(int connectors)
    {
        long[] last = new long[connectors * BenchPlan.Topics];
        Array.Fill(last, -1);
        return last;
    }
}
