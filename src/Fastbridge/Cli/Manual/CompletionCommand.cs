using System.CommandLine;

namespace Fastbridge.Cli.Manual;

/// <summary><c>fastbridge completion bash|zsh|fish</c>: a script that completes commands, options and their values, for both names of the program.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish", HelpName = "SHELL" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script: source <(fastbridge completion bash), or into the shell's completion folder.") { shell };
        command.SetAction(parsed =>
        {
            List<CommandDescription> commands = CommandDescription.Of(CommandTree.Root());
            Console.Out.Write(parsed.GetValue(shell) switch
            {
                "bash" => CompletionScripts.Bash(commands),
                "zsh" => CompletionScripts.Zsh(commands),
                _ => CompletionScripts.Fish(commands),
            });
            return CommandTree.Done;
        });
        return command;
    }
}
