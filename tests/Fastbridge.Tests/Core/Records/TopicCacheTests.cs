using System.Text;
using Fastbridge.Core.Records;

namespace Fastbridge.Tests.Core.Records;

public class TopicCacheTests
{
    private readonly Builder _builder = new();
    private readonly ByteBuffer _scratch = new();

    [Fact]
    public void a_topic_is_built_once()
    {
        var cache = new TopicCache(_builder);
        for (int i = 0; i < 3; i++)
        {
            Check(cache, "a/b");
            Check(cache, "a/c");
            Check(cache, "");
        }

        Assert.Equal(3, _builder.Built);
        Assert.Equal(3, cache.Count);
    }

    [Fact]
    public void an_idle_cache_holds_nothing()
    {
        var cache = new TopicCache(_builder);
        Assert.Equal(0, cache.BytesHeld);
        Check(cache, "a");
        Assert.InRange(cache.BytesHeld, 1, 1024);
    }

    [Fact]
    public void a_new_topic_with_every_message_stays_bounded_and_right()
    {
        var cache = new TopicCache(_builder, maxTopics: 64, maxBytes: 8192);
        for (int i = 0; i < 10_000; i++)
        {
            Check(cache, $"device/{i}/state");
            Assert.InRange(cache.Count, 1, 64);
            Assert.InRange(cache.BytesHeld, 1, 8192);
        }

        Assert.Equal(10_000, _builder.Built);
    }

    [Fact]
    public void bytes_are_bounded_as_well_as_topics()
    {
        var cache = new TopicCache(_builder, maxTopics: 1000, maxBytes: 8192);
        for (int i = 0; i < 500; i++)
        {
            Check(cache, $"{i}/{new string('x', 200)}");
            Assert.InRange(cache.BytesHeld, 1, 8192);
        }
    }

    [Fact]
    public void a_topic_too_large_to_keep_is_right_and_not_kept()
    {
        var cache = new TopicCache(_builder, maxTopics: 64, maxBytes: 8192);
        Check(cache, "small");
        for (int i = 0; i < 3; i++)
            Check(cache, new string('x', 65_535));
        Check(cache, "small");
        Assert.Equal(4, _builder.Built);
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public void all_of_as_many_topics_as_fit_are_found_again()
    {
        var cache = new TopicCache(_builder);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 2000; i++)
                Check(cache, $"site/{i}");
        }

        // The hash differs from process to process; now and then a topic is pushed out of its sixteen places.
        Assert.InRange(_builder.Built, 2000, 2200);
    }

    [Fact]
    public void topics_of_every_length_are_told_apart()
    {
        var cache = new TopicCache(_builder);
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => (char)('a' + (i % 26))));
        for (int round = 0; round < 2; round++)
        {
            for (int length = 0; length <= text.Length; length++)
            {
                Check(cache, text[..length]);
                if (length > 0)
                    Check(cache, text[..(length - 1)] + "X");
            }
        }

        Assert.InRange(_builder.Built, (2 * text.Length) + 1, (2 * text.Length) + 11);
    }

    private void Check(TopicCache cache, string topic)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(topic);
        TopicPieces pieces = cache.Get(bytes, _scratch);
        Assert.Equal(topic + "|0", Encoding.UTF8.GetString(pieces.Piece(0)));
        Assert.Equal("", Encoding.UTF8.GetString(pieces.Piece(1)));
        Assert.Equal(topic + "|key", Encoding.UTF8.GetString(pieces.Key));
        Assert.Equal(topic + "|headers", Encoding.UTF8.GetString(pieces.Headers));
        Assert.Equal(topic, pieces.Target.Name);
        Assert.Equal(Murmur2.Positive(bytes), pieces.PartitionHash);
    }

    private sealed class Builder : ITopicPieceBuilder
    {
        public int Built { get; private set; }

        public TopicTarget Build(ReadOnlySpan<byte> topic, ByteBuffer output, ref PieceEnds ends)
        {
            Built++;
            Piece(topic, "|0"u8, output);
            for (int i = 0; i < PieceEnds.Key; i++)
                ends[i] = output.Length;
            Piece(topic, "|key"u8, output);
            ends[PieceEnds.Key] = output.Length;
            Piece(topic, "|headers"u8, output);
            ends[PieceEnds.Headers] = output.Length;
            return new TopicTarget(Encoding.UTF8.GetString(topic), null);
        }

        private static void Piece(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> what, ByteBuffer output)
        {
            output.Append(topic);
            output.Append(what);
        }
    }
}
