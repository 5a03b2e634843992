namespace Fastbridge.Core.Records;

/// <summary>The levels of an MQTT topic [4.7.1.1]: what stands between its slashes, empty levels included.</summary>
internal static class TopicLevels
{
    /// <summary>Level <paramref name="level"/>, counted from 0; empty where the topic has no such level.</summary>
    public static ReadOnlySpan<byte> Get(ReadOnlySpan<byte> topic, int level)
    {
        while (true)
        {
            int slash = topic.IndexOf((byte)'/');
            if (level == 0)
                return slash < 0 ? topic : topic[..slash];
            if (slash < 0)
                return default;
            topic = topic[(slash + 1)..];
            level--;
        }
    }
}
