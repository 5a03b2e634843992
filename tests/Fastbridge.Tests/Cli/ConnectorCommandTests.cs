using System.Text.Json;
using Fastbridge.Cli;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary>The connector commands on the command tree: options, short forms, messages, exit codes.</summary>
public sealed class ConnectorCommandTests : IDisposable
{
    private const string Kafka = """{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "t", "properties": {"sasl.password": "hunter2"}}""";

    private readonly TempFolder _folder = new("cli");

    private string File => _folder.File("connectors.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("create", "--connector-name", "--connector-type", "--config", "--topic-id")]
    [InlineData("create", "-n", "-t", "-c", "-p")]
    [InlineData("create", "--connector-name", "-t", "--config", "--topic-name")]
    public async Task create_takes_every_form_of_its_options(string verb, string name, string type, string config, string topic)
    {
        Assert.Equal((0, "Created successfully!\n", ""), await RunAsync(verb, name, "a", type, "kafka", config, Kafka, topic, "@x/#", "-T", "plant"));
        JsonElement only = Data(await RunAsync("list", "--output", "json"))[0];
        Assert.Equal(("plant", "a", "Kafka", "@x/#", "Idle", "-"), (Text(only, "tenant"), Text(only, "connector_name"), Text(only, "connector_type"), Text(only, "topic_name"), Text(only, "status"), Text(only, "broker_id")));
        Assert.Equal("""{"bootstrap_servers":"kafka1:9092,kafka2:9092","topic":"t","properties":{"sasl.password":"******"}}""", Text(only, "config"));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", Text(only, "create_time"));
    }

    [Fact]
    public async Task every_verb_says_what_it_did()
    {
        await CreateAsync("a");
        Assert.Equal((0, "Stopped successfully!\n", ""), await RunAsync("stop", "-c", "a"));
        Assert.Contains("Stopped", (await RunAsync("show", "-n", "a")).Output, StringComparison.Ordinal);
        Assert.Equal((0, "Started successfully!\n", ""), await RunAsync("start", "--connector-name", "a"));
        Assert.Equal((0, "Updated successfully!\n", ""), await RunAsync("update", "-n", "a", "-p", "y", "-p", "z"));
        Assert.Equal((0, "Deleted successfully!\n"), Without(await RunAsync("delete", "-c", "a")));
        Assert.Equal("0", (await RunAsync("list", "--output", "json")).Output.TrimEnd()[^2..^1]);
    }

    [Fact]
    public async Task what_fails_is_one_line_with_exit_code_1_and_what_is_wrong_with_2()
    {
        await CreateAsync("a");
        byte[] before = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        Assert.Equal((1, "", $"fastbridge mqtt connector create: {File}: there is a connector \"a\" already; update it, or choose another name\n"), await RunAsync("create", "-n", "a", "-c", Kafka, "-p", "x"));
        Assert.Equal((1, "", $"fastbridge mqtt connector delete: {File}: there is no connector \"b\"; list shows what there is\n"), await RunAsync("delete", "-c", "b"));
        Assert.Equal((1, "", $"fastbridge mqtt connector show: {File}: there is no connector \"b\"; list shows what there is\n"), await RunAsync("show", "-c", "b"));
        Assert.Equal((2, "", $"fastbridge mqtt connector create: {File}: config.bootstrap_servers: \"k\": the port is missing; write host:9092\n"), await RunAsync("create", "-n", "b", "-c", """{"bootstrap_servers": "k", "topic": "t"}""", "-p", "x"));
        Assert.Equal((2, "", $"fastbridge mqtt connector create: {File}: connector_type: \"mysql\": expected one of Kafka\n"), await RunAsync("create", "-n", "b", "-t", "mysql", "-c", Kafka, "-p", "x"));
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("create -n a -p x", "--config")]
    [InlineData("create -n a -c {}", "--topic-id")]
    [InlineData("create -c {} -p x", "--connector-name")]
    [InlineData("update -n a", "nothing to change")]
    [InlineData("list --page 0", "--page")]
    [InlineData("list --limit x", "--limit")]
    [InlineData("list --output xml", "xml")]
    [InlineData("delete", "--connector-name")]
    [InlineData("list --server 127.0.0.1:1", "--server and --file")]
    public async Task a_wrong_command_line_is_exit_code_2(string line, string word)
    {
        (int code, string output, string error) = await RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(word, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task list_filters_by_a_part_of_the_name_and_pages()
    {
        foreach (string name in (string[])["alpha", "beta", "alphabet"])
            await CreateAsync(name);
        Assert.Equal((string[])["alpha", "alphabet"], await NamesAsync(2, "list", "--connector-name", "alpha", "--output", "json"));
        Assert.Equal((string[])["alphabet"], await NamesAsync(2, "list", "-c", "alpha", "--page", "2", "--limit", "1", "--output", "json"));
        Assert.Equal((string[])[], await NamesAsync(3, "list", "--page", "2147483647", "--limit", "2147483647", "--output", "json"));
        Assert.Equal((string[])[], await NamesAsync(0, "list", "--tenant", "none", "--output", "json"));
    }

    [Fact]
    public async Task the_table_has_robust_ctls_columns_and_hides_secrets()
    {
        await CreateAsync("a");
        (int code, string output, _) = await RunAsync("list");
        string[] lines = output.Split('\n');
        Assert.Equal((0, "connector list result:"), (code, lines[0]));
        Assert.Equal(["connector name", "connector type", "connector config", "topic id", "status", "broker id", "create time", "update time"], lines[2].Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.StartsWith("| a ", lines[4], StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
        Assert.Single(lines.Where(l => l.Length > 0).Skip(1).Select(l => l.Length).Distinct());
    }

    [Fact]
    public async Task a_revision_from_show_holds_off_a_second_writer()
    {
        await CreateAsync("a");
        string revision = Text(JsonDocument.Parse((await RunAsync("show", "-c", "a", "--output", "json")).Output).RootElement, "revision");
        Assert.Equal(0, (await RunAsync("update", "-n", "a", "-p", "z", "--revision", revision)).Code);
        (int code, _, string error) = await RunAsync("delete", "-c", "a", "--revision", revision);
        Assert.Equal((1, $"fastbridge mqtt connector delete: {File}: the file was changed since it was read; read it again, and then change it\n"), (code, error));
    }

    [Fact]
    public async Task options_of_robust_ctl_may_stand_before_the_command()
    {
        (int code, string output, _) = await Tree("mqtt", "--output", "json", "--limit", "5", "--file", File, "connector", "list");
        Assert.Equal((0, """{"data":[],"total_count":0}""" + "\n"), (code, output));
    }

    [Fact]
    public async Task a_number_that_is_none_is_one_line_at_demo_too()
    {
        (int code, _, string error) = await Tree("demo", "--messages", "x");
        Assert.Equal((2, "fastbridge demo: --messages: x is not a number from 1 to 1000000; see fastbridge demo --help\n"), (code, error));
    }

    [Theory]
    [InlineData("mqtt connector list", true)]
    [InlineData("mqtt connector show", false)]
    [InlineData("mqtt connector create", false)]
    [InlineData("mqtt publish", false)]
    [InlineData("mqtt", false)]
    public async Task paging_is_told_of_where_there_are_pages(string command, bool told)
    {
        (int code, string output, _) = await Tree([.. command.Split(' '), "--help"]);
        Assert.Equal(0, code);
        Assert.Equal((told, told), (output.Contains("--page", StringComparison.Ordinal), output.Contains("--limit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task paging_is_taken_everywhere_and_counts_wherever_it_stands()
    {
        foreach (string name in (string[])["a", "b", "c"])
            await CreateAsync(name);
        (int code, string output, _) = await Tree("mqtt", "--page", "2", "connector", "--limit", "1", "list", "--output", "json", "--file", File);
        Assert.Equal((0, "b"), (code, Text(JsonDocument.Parse(output).RootElement.GetProperty("data")[0], "connector_name")));
        Assert.Equal(0, (await RunAsync("show", "-c", "a", "--page", "1", "--limit", "1")).Code);
        Assert.Equal(2, (await RunAsync("show", "-c", "a", "--page", "0")).Code);
    }

    private async Task CreateAsync(string name) => Assert.Equal((0, "Created successfully!\n", ""), await RunAsync("create", "-n", name, "-c", Kafka, "-p", "x/#"));

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => Tree(["mqtt", "connector", .. arguments, "--file", File]);

    private static async Task<(int Code, string Output, string Error)> Tree(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = await CommandTree.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static (int, string) Without((int Code, string Output, string Error) result) => (result.Code, result.Output);

    private static JsonElement Data((int Code, string Output, string Error) result) => JsonDocument.Parse(result.Output).RootElement.GetProperty("data");

    private async Task<string[]> NamesAsync(int total, params string[] arguments)
    {
        (int Code, string Output, string Error) result = await RunAsync(arguments);
        Assert.Equal(total, JsonDocument.Parse(result.Output).RootElement.GetProperty("total_count").GetInt32());
        return [.. Data(result).EnumerateArray().Select(c => Text(c, "connector_name"))];
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
