using Fastbridge.Core.Buffering;
using Fastbridge.Core.Config;

namespace Fastbridge.Tests.Core.Config;

public sealed class BufferConfigTests
{
    [Fact]
    public void a_connector_has_no_buffer_unless_it_says_so()
    {
        Assert.Null(Files.Valid(Files.One()).Connectors[0].Buffer);
        Assert.Equal(new BufferConfig(), Files.Valid(Files.One("\"buffer\": {},")).Connectors[0].Buffer);
    }

    [Fact]
    public void a_relative_path_begins_beside_the_file() =>
        Assert.Equal("/nowhere/b", Files.Valid(Files.One("\"buffer\": {\"path\": \"b\"},")).Connectors[0].Buffer!.Path);

    [Fact]
    public void a_buffer_too_small_for_two_of_the_largest_records_is_a_fault() =>
        Assert.Equal(
            "connectors[0].buffer.max_bytes: 19999999: must be at least 20000000, twice the largest record (message.max.bytes, 10000000); raise it, or set message.max.bytes in config.properties lower",
            Assert.Single(Files.Faults(Files.One("\"buffer\": {\"max_bytes\": 19999999},"))));

    [Fact]
    public void misspelt_keys_and_words_are_named()
    {
        Assert.Contains("did you mean \"max_bytes\"?", Assert.Single(Files.Faults(Files.One("\"buffer\": {\"maxbytes\": 1},"))), StringComparison.Ordinal);
        Assert.Contains("did you mean \"drop_oldest\"?", Assert.Single(Files.Faults(Files.One("\"buffer\": {\"full\": \"drop_oldst\"},"))), StringComparison.Ordinal);
    }

    [Fact]
    public void two_connectors_cannot_share_a_folder()
    {
        LoadResult result = Files.Parse("""
            { "connectors": [
                { "connector_name": "a", "topic_id": "a", "config": { "bootstrap_servers": "k:1", "topic": "t" }, "buffer": { "path": "/b" } },
                { "connector_name": "b", "topic_id": "b", "config": { "bootstrap_servers": "k:1", "topic": "t" }, "buffer": { "path": "/b/" } } ] }
            """);
        Fault fault = Assert.Single(result.Faults);
        Assert.Contains("connectors[1].buffer.path: \"/b/\": connectors[0] has this folder too; give each buffer a folder of its own", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void without_a_path_each_connector_has_a_folder_of_its_own_below_state_dir()
    {
        Assert.Equal("/s/buffer-main", BufferFolder.Of(new BufferConfig(), "/s", "main"));
        Assert.NotEqual(BufferFolder.Of(new BufferConfig(), "/s", "a/b"), BufferFolder.Of(new BufferConfig(), "/s", "a_b"));
        Assert.Equal("/x", BufferFolder.Of(new BufferConfig { Path = "/x" }, "/s", "main"));
    }

    [Theory]
    [InlineData("\"qos\": 0,", true)]
    [InlineData("\"qos\": 0, \"buffer\": {},", false)]
    [InlineData("\"qos\": 1,", false)]
    public void qos_0_without_a_buffer_is_warned_of(string connector, bool warned) =>
        Assert.Equal(warned, Files.Parse(Files.One(connector)).Warnings.Any(w => w.Contains("is lost while Kafka is away", StringComparison.Ordinal)));
}
