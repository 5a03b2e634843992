using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>
/// The topic aliases that the server has set on one connection [3.3.2.3.4]. Holds copies: the spans it returns are valid until the same alias is set
/// again. Belongs to the read loop. Grows with the highest alias in use, and holds at most <see cref="MostBytes"/> of topics.
/// </summary>
internal sealed class TopicAliases(int maximum)
{
    /// <summary>4 MB: the default of 1,024 aliases with topics of 4 KB each, far longer than any in use; without a bound 65,535 of them could take 4 GB.</summary>
    public const int MostBytes = 4_194_304;

    private static readonly Violation TooManyBytes =
        new(ReasonCode.QuotaExceeded, "3.3.2.3.4", "the topics behind aliases take at most 4 MB; a smaller topic_alias_maximum avoids this");

    private readonly int _maximum = maximum;
    private (byte[] Topic, int Length)[] _aliases = [];
    private int _bytes;

    /// <summary>
    /// Sets <paramref name="alias"/> to <paramref name="topic"/>, or, where that is empty, looks it up. A remap is legal. Null: <paramref name="topic"/> is good.
    /// </summary>
    public ProtocolViolation? Resolve(ushort alias, ref ReadOnlySpan<byte> topic)
    {
        if (alias == 0)
            return new(Violations.TopicAliasZero, "0");
        if (alias > _maximum)
            return new(Violations.TopicAliasAboveMaximum, $"{alias} where {_maximum} was announced");
        if (!topic.IsEmpty)
            return Set(alias, topic);
        if (alias > _aliases.Length || _aliases[alias - 1].Length == 0)
            return new(Violations.TopicAliasUnknown, $"alias {alias}");
        (byte[] known, int length) = _aliases[alias - 1];
        topic = known.AsSpan(0, length);
        return null;
    }

    private ProtocolViolation? Set(ushort alias, ReadOnlySpan<byte> topic)
    {
        if (alias > _aliases.Length)
            Array.Resize(ref _aliases, Math.Min(_maximum, Math.Max(alias, _aliases.Length * 2)));
        ref (byte[] Topic, int Length) entry = ref _aliases[alias - 1];
        if (entry.Length == topic.Length && topic.SequenceEqual(entry.Topic.AsSpan(0, entry.Length)))
            return null;

        int capacity = entry.Topic?.Length ?? 0;
        if (topic.Length > capacity)
        {
            if (_bytes - capacity + topic.Length > MostBytes)
                return new(TooManyBytes, $"{topic.Length} bytes more at alias {alias}");
            _bytes += topic.Length - capacity;
            entry.Topic = new byte[topic.Length];
        }

        topic.CopyTo(entry.Topic);
        entry.Length = topic.Length;
        return null;
    }
}
