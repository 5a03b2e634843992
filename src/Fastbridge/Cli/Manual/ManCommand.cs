using System.CommandLine;
using System.Text;

namespace Fastbridge.Cli.Manual;

/// <summary><c>fastbridge man</c>: the manual page, as roff.</summary>
internal static class ManCommand
{
    public static Command Create()
    {
        var command = new Command("man", "Print the manual page: fastbridge man | man -l -, or into /usr/local/share/man/man1/fastbridge.1.");
        command.SetAction(_ =>
        {
            Console.Out.Write(Page(CommandDescription.Of(CommandTree.Root())));
            return CommandTree.Done;
        });
        return command;
    }

    public static string Page(List<CommandDescription> commands)
    {
        var page = new StringBuilder();
        page.Append(".TH FASTBRIDGE 1 \"\" \"fastbridge ").Append(Escape(Version.Text.Split('+')[0])).Append("\"\n");
        page.Append(".SH NAME\nfastbridge \\- bridge MQTT to Apache Kafka\n");
        page.Append(".SH SYNOPSIS\n");
        foreach (CommandDescription command in commands)
        {
            if (command.Command.Subcommands.Count == 0)
                page.Append(".B ").Append(Escape(command.Path)).Append("\n[options]\n.br\n");
        }

        page.Append(".SH DESCRIPTION\nEvery MQTT message becomes one JSON record in Kafka: none lost, in order. What is bridged stands in the connectors file.\n");
        page.Append("Started through a link named\n.BR robust-ctl ,\nit takes that program's command lines:\n.BR \"robust-ctl mqtt publish\" ,\nfor one.\n");
        page.Append(".SH COMMANDS\n");
        foreach (CommandDescription command in commands)
        {
            if (command.Command.Subcommands.Count == 0)
                Append(page, command);
        }

        page.Append(".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nIt failed; one line on standard error says what, where, and what to do.\n.TP\n.B 2\nThe command line or the connectors file is wrong.\n");
        page.Append(".SH ENVIRONMENT\n.TP\n.B FASTBRIDGE_CONFIG\nThe connectors file.\n.TP\n.B FASTBRIDGE_LOG_LEVEL\ndebug, info, warn or error; for a part as in info,mqtt=debug.\n");
        page.Append(".TP\n.B FASTBRIDGE_DRAIN_SECONDS\nHow long\n.B fastbridge run\nmay take to end in good order.\n");
        page.Append(".SH FILES\n.I connectors.json\nin the working directory, else\n.IR /etc/fastbridge/connectors.json .\n");
        return page.ToString();
    }

    private static void Append(StringBuilder page, CommandDescription command)
    {
        page.Append(".SS ").Append(Escape(command.Path));
        foreach (Argument argument in command.Command.Arguments)
            page.Append(' ').Append(Escape(argument.Name));
        page.Append('\n').Append(Escape(command.Command.Description ?? "")).Append('\n');
        foreach (Option option in command.Options)
            page.Append(".TP\n.B ").Append(Escape(CommandDescription.Usage(option))).Append('\n').Append(Escape(option.Description ?? "")).Append(".\n");
    }

    /// <summary>A backslash and a minus mean other things in roff; a dot or quote at a line's beginning would make it a request.</summary>
    private static string Escape(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).ReplaceLineEndings(" ").Replace("…", "\\[u2026]", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
