using System.CommandLine;
using System.Text;
using Fastbridge.Cli;
using Fastbridge.Cli.Manual;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary>What is made of the command tree: completion, the manual page, docs/COMMANDS.md.</summary>
public class ManualTests
{
    private static readonly List<CommandDescription> Commands = CommandDescription.Of(CommandTree.Root());

    [Theory]
    [InlineData("fastbridge ", "run check mqtt demo completion man")]
    [InlineData("fastbridge c", "check completion")]
    [InlineData("robust-ctl mqtt ", "publish subscribe")]
    [InlineData("robust-ctl mqtt pub", "publish")]
    [InlineData("fastbridge run --log-level ", "debug info warn error")]
    [InlineData("fastbridge mqtt publish -q ", "0 1 2")]
    [InlineData("fastbridge mqtt subscribe --count 3 --prot", "--protocol-version")]
    [InlineData("fastbridge mqtt subscribe --output ", "table json")]
    [InlineData("fastbridge completion b", "bash")]
    [InlineData("fastbridge check --config conn", "connectors.json")]
    [InlineData("fastbridge mqtt publish --topic ", "")]
    public async Task bash_completes(string line, string expected)
    {
        using var folder = new TempFolder("completion");
        folder.Write("connectors.json", "");
        string script = folder.Write("fastbridge.bash", CompletionScripts.Bash(Commands));
        string words = string.Join(' ', line.Split(' ').Select(w => $"'{w}'"));
        (int code, string output, string error) = await ChildProcess.RunAsync("/bin/bash", ["--norc", "-c",
            $"cd {folder.Path}; source {script}; complete -p robust-ctl > /dev/null || exit 9; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _fastbridge; echo \"${{COMPREPLY[@]}}\""]);
        Assert.Equal((0, ""), (code, error));
        string[] offered = output.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] wanted = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(wanted, wanted.Intersect(offered));
        if (line.EndsWith("--topic ", StringComparison.Ordinal)) Assert.Empty(offered);
    }

    [Fact]
    public void the_other_shells_scripts_know_every_command_and_option()
    {
        string zsh = CompletionScripts.Zsh(Commands), fish = CompletionScripts.Fish(Commands);
        Assert.StartsWith("#compdef fastbridge robust-ctl", zsh, StringComparison.Ordinal);
        foreach (CommandDescription command in Commands)
        {
            Assert.Contains($"'{command.Path}'", zsh, StringComparison.Ordinal);
            foreach (Option option in command.Options)
            {
                Assert.Contains(option.Name, zsh, StringComparison.Ordinal);
                Assert.Contains($"-n '__fastbridge_at {command.Path}' -l {option.Name[2..]}", fish, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task the_manual_page_formats_without_a_complaint_and_names_everything()
    {
        string page = ManCommand.Page(Commands);
        foreach (CommandDescription command in Commands)
            Assert.All(command.Options, o => Assert.Contains(CommandDescription.Usage(o).Replace("-", "\\-", StringComparison.Ordinal), page, StringComparison.Ordinal));
        if (!File.Exists("/usr/bin/groff"))
            TestTools.Skip("groff is not installed: apt-get install groff-base");
        using var folder = new TempFolder("man");
        (int code, string output, string error) = await ChildProcess.RunAsync("/usr/bin/groff", ["-man", "-Tutf8", "-P-cbou", "-ww", folder.Write("fastbridge.1", page)]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("EXIT STATUS", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/local/bin/robust-ctl", "robust-ctl")]
    [InlineData("robust-ctl", "robust-ctl")]
    [InlineData("/opt/robust-ctl/fastbridge", "fastbridge")]
    [InlineData("fastbridge-0.1", "fastbridge")]
    public void the_program_is_called_by_the_name_that_it_was_started_by(string path, string name) => Assert.Equal(name, CommandTree.NameOf(path));

    [Fact]
    public async Task a_link_named_robust_ctl_takes_robust_ctls_command_lines()
    {
        using var folder = new TempFolder("robust-ctl");
        string link = folder.File("robust-ctl");
        File.CreateSymbolicLink(link, TestTools.RequireExecutable());
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RawSubscriber subscriber = await RawSubscriber.StartAsync(broker.Port, "iot/#", qos: 1);
        (int code, _, string error) = await ChildProcess.RunAsync(link, ["mqtt", "--server", $"127.0.0.1:{broker.Port}", "publish",
            "--username", "test_user", "--password", "test_pass", "--topic", "iot/sensors/temp_001/data", "--qos", "1", "--message", "{\"temperature\": 25.5}"]);
        Assert.Equal((0, ""), (code, error));
        await subscriber.WaitForAsync(1);
        Assert.Equal("iot/sensors/temp_001/data {\"temperature\": 25.5}", subscriber.Received.Lines[0]);
        (code, _, error) = await ChildProcess.RunAsync(link, ["mqtt", "publish"]);
        Assert.Equal(2, code);
        Assert.StartsWith("robust-ctl mqtt publish: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void docs_commands_md_is_the_command_tree()
    {
        string path = Path.Combine(TestTools.Root, "docs", "COMMANDS.md");
        string expected = Render();
        if (Environment.GetEnvironmentVariable("FASTBRIDGE_UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.True(File.Exists(path) && expected == File.ReadAllText(path), "docs/COMMANDS.md is not the command tree; run this test with FASTBRIDGE_UPDATE_DOCS=1");
    }

    private static string Render()
    {
        var text = new StringBuilder("# Commands\n\nMade from the tree that parses the command line. Exit codes: 0 done, 1 it failed, 2 the command line or the connectors file is wrong.\n");
        text.Append("Through a link named `robust-ctl` the same commands go by that name.\n");
        foreach (CommandDescription command in Commands.Where(c => c.Command.Subcommands.Count == 0))
        {
            string arguments = string.Concat(command.Command.Arguments.Select(a => $" {a.Name}"));
            text.Append($"\n## {command.Path}{arguments}\n\n{command.Command.Description}\n");
            if (command.Options.Count > 0)
                text.Append("\n| option | meaning |\n|---|---|\n");
            foreach (Option option in command.Options)
                text.Append($"| `{CommandDescription.Usage(option)}`{(option.Required ? " (required)" : "")} | {option.Description!.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return text.ToString();
    }
}
