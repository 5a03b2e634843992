using System.Text;
using Fastbridge.Core.Records;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Live;

/// <summary>
/// Copies of a connector's last records, for as long as somebody asks for them: without one the hot path sees a null, and nothing is kept of any payload. Bounded in
/// records, in bytes of each, and in how many it copies a second, so that looking at a fast connector does not slow it.
/// </summary>
/// <remarks><see cref="Wants"/> and <see cref="Add"/> are the read loop's; the rest is any thread's.</remarks>
internal sealed class RecordTap(TimeProvider time)
{
    /// <summary>Records that are kept: what fits on a page.</summary>
    public const int Kept = 20;

    /// <summary>Bytes of a payload and of a key that are kept: enough to see what it is; 20 of them are 160 KB.</summary>
    public const int LongestPart = 4096;

    /// <summary>Records copied a second, once the first <see cref="Kept"/> have come: more than anyone can read.</summary>
    private const double PerSecond = 20;

    /// <summary>How long nobody may ask before it closes: a page asks every few seconds, also one in the background, which browsers wake once in ten or more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Queue<SampledRecord> _records = new(Kept);
    private readonly DateTimeOffset _since = time.GetUtcNow();
    private long _asked = time.GetTimestamp();
    private long _filled = time.GetTimestamp();
    private double _tokens = Kept;
    private long _seen;

    /// <summary>Nobody has asked for long.</summary>
    public bool IsForgotten => time.GetElapsedTime(Volatile.Read(ref _asked)) > Patience;

    /// <summary>Counts a message; true where it is to be copied as well.</summary>
    public bool Wants()
    {
        Volatile.Write(ref _seen, _seen + 1);
        long now = time.GetTimestamp();
        _tokens = Math.Min(Kept, _tokens + (time.GetElapsedTime(_filled, now).TotalSeconds * PerSecond));
        _filled = now;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>Copies what it keeps of both.</summary>
    public void Add(in PublishPacket publish, in EncodedRecord record, long receivedMs)
    {
        var sampled = new SampledRecord
        {
            ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(receivedMs),
            MqttTopic = Encoding.UTF8.GetString(publish.Topic),
            QoS = publish.QoS,
            Retain = publish.Retain,
            KafkaTopic = record.Target.Name,
            Key = record.HasKey ? Cut(record.Key) : null,
            Payload = Cut(publish.Payload),
            PayloadBytes = publish.Payload.Length,
            ValueBytes = record.Value.Length,
        };
        lock (_lock)
        {
            if (_records.Count == Kept)
                _records.Dequeue();
            _records.Enqueue(sampled);
        }
    }

    /// <summary>What has come so far; keeps the tap open for another <see cref="Patience"/>.</summary>
    /// <param name="limit">At most so many records, the newest.</param>
    public RecordSample Ask(int limit)
    {
        Volatile.Write(ref _asked, time.GetTimestamp());
        lock (_lock)
        {
            SampledRecord[] all = _records.ToArray();
            return new RecordSample(_since, Volatile.Read(ref _seen), [.. all.AsSpan(Math.Max(0, all.Length - limit))]);
        }
    }

    private static byte[] Cut(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, LongestPart)].ToArray();
}
