namespace Fastbridge.Bench;

/// <summary>What stands in Kafka against what was sent, by the stamps: lost, repeated, out of order. One thread.</summary>
internal sealed class RecordCheck(int connectors)
{
    private readonly List<ulong>[] _seen = [.. Enumerable.Range(0, connectors).Select(_ => new List<ulong>())];
    private readonly long[] _last = CreateLast(connectors);

    /// <summary>Different messages.</summary>
    public long Distinct { get; private set; }

    public long Repeated { get; private set; }

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

        List<ulong> seen = _seen[connector];
        int word = (int)(sequence >> 6);
        while (seen.Count <= word)
            seen.Add(0);
        ulong bit = 1UL << (int)(sequence & 63);
        if ((seen[word] & bit) != 0)
        {
            Repeated++;
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

    /// <summary>Messages that were sent and are in no record; those that nobody could read are taken to be there.</summary>
    public long Lost(long sent) => Math.Max(0, sent - Distinct - Unread);

    private static long[] CreateLast(int connectors)
    {
        long[] last = new long[connectors * BenchPlan.Topics];
        Array.Fill(last, -1);
        return last;
    }
}
