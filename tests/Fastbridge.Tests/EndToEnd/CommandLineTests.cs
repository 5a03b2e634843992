using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>What a person meets first: help, version, mistakes on the command line, the demo.</summary>
public class CommandLineTests(Lab lab) : EndToEndTest(lab)
{
    [Fact]
    public async Task version_is_one_line_that_begins_with_the_number()
    {
        (int code, string output, string error) = await BridgeProcess.RunAsync("--version");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^(fastbridge )?\d+\.\d+\.\d+\S*$", output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task help_names_the_commands_and_goes_to_stdout(string option)
    {
        (int code, string output, string error) = await BridgeProcess.RunAsync(option);
        Assert.Equal((0, ""), (code, error));
        Assert.All(new[] { "run", "demo", "--version", "--config" }, word => Assert.Contains(word, output, StringComparison.Ordinal));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 130, $"too long to read: {line}"));
    }

    [Theory]
    [InlineData("run", "--help", "--config")]
    [InlineData("demo", "--help", "demo")]
    public async Task every_command_has_help(string command, string option, string word)
    {
        (int code, string output, _) = await BridgeProcess.RunAsync(command, option);
        Assert.Equal(0, code);
        Assert.Contains(word, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rnu", "rnu")]
    [InlineData("--nonsense", "--nonsense")]
    [InlineData("run --confg x", "--confg")]
    [InlineData("run --config", "--config")]
    [InlineData("run --config a.json surplus", "surplus")]
    public async Task a_wrong_command_line_is_told_on_stderr_with_exit_code_2(string line, string word)
    {
        (int code, string output, string error) = await BridgeProcess.RunAsync(line.Split(' '));
        Assert.Equal(2, code);
        Assert.Contains(word, error, StringComparison.Ordinal);
        Assert.Equal("", output);
    }

    [Fact]
    public async Task the_demo_prints_records_and_a_summary_and_ends_well()
    {
        TestTools.RequireMosquitto();
        (int code, string output, string error) = await BridgeProcess.RunAsync("demo");
        Note(output);
        Note(error);
        Assert.Equal(0, code);
        Assert.Contains("partition", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("offset", output, StringComparison.OrdinalIgnoreCase);
        Assert.True(output.Split('\n').Length >= 10, "a demo of fewer than ten lines shows little");
    }

    [Fact]
    public async Task the_demo_ends_on_ctrl_c_and_leaves_no_process_behind()
    {
        TestTools.RequireMosquitto();
        await using ChildProcess demo = ChildProcess.Start(TestTools.RequireExecutable(), ["demo"]);
        await Task.WhenAny(demo.Output.WaitForAsync(_ => true, "(a first line)"), demo.Exit);
        int[] children = Children(demo.Id);
        demo.Signal(UnixSignal.Interrupt);
        await demo.WaitForExitAsync();
        foreach (int child in children) await GoneAsync(child);
    }

    private static int[] Children(int parent)
    {
        string path = $"/proc/{parent}/task/{parent}/children";
        return File.Exists(path) ? [.. File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)] : [];
    }

    private static async Task GoneAsync(int pid)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (Lives(pid))
        {
            Assert.True(DateTime.UtcNow < deadline, $"process {pid} was left behind");
            await Task.Delay(20);
        }
    }

    private static bool Lives(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It went before the look, or during it.
            return false;
        }
    }
}
