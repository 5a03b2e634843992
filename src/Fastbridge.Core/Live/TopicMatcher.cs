using System.Collections.Immutable;
using System.Text;

namespace Fastbridge.Core.Live;

/// <summary>Tells whether a topic comes under any of some topic filters [4.7], those of shared subscriptions included [4.8.2]. Immutable; allocates nothing a call.</summary>
internal sealed class TopicMatcher
{
    private const string Share = "$share/";

    private readonly ImmutableArray<byte[]> _filters;

    /// <param name="filters">Well formed, see <see cref="Config.Validation.TopicFilter"/>.</param>
    public TopicMatcher(IEnumerable<string> filters)
    {
        ImmutableArray<byte[]>.Builder all = ImmutableArray.CreateBuilder<byte[]>();
        foreach (string filter in filters)
            all.Add(Encoding.UTF8.GetBytes(WithoutShare(filter)));
        _filters = all.ToImmutable();
    }

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        foreach (byte[] filter in _filters)
        {
            if (Matches(filter, topic))
                return true;
        }

        return false;
    }

    // $share/GROUP/FILTER: the broker matches FILTER.
    private static string WithoutShare(string filter)
    {
        if (!filter.StartsWith(Share, StringComparison.Ordinal))
            return filter;
        int end = filter.IndexOf('/', Share.Length);
        return end < 0 ? filter : filter[(end + 1)..];
    }

    private static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        // [MQTT-4.7.2-1] a wildcard at the beginning does not match $SYS and the like.
        if (!topic.IsEmpty && topic[0] == (byte)'$' && !filter.IsEmpty && filter[0] is (byte)'+' or (byte)'#')
            return false;
        while (true)
        {
            int end = filter.IndexOf((byte)'/');
            ReadOnlySpan<byte> level = end < 0 ? filter : filter[..end];
            if (level.SequenceEqual("#"u8))
                return true;
            int slash = topic.IndexOf((byte)'/');
            ReadOnlySpan<byte> actual = slash < 0 ? topic : topic[..slash];
            if (!level.SequenceEqual("+"u8) && !level.SequenceEqual(actual))
                return false;
            if (end < 0 || slash < 0)
            {
                // "a/#" matches "a" too: the multi-level wildcard stands for the parent as well [4.7.1.2].
                return end < 0 ? slash < 0 : filter[(end + 1)..].SequenceEqual("#"u8);
            }

            filter = filter[(end + 1)..];
            topic = topic[(slash + 1)..];
        }
    }
}
