using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fastbridge.Cli;

/// <summary>The commands, and what an outcome becomes: exit code 0 done, 1 it failed, 2 the command line or file is wrong.</summary>
internal static class CommandTree
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Wrong = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string command = PathOf(parsed.CommandResult);
            foreach (ParseError error in parsed.Errors)
                await Console.Error.WriteLineAsync($"{command}: {error.Message.TrimEnd('.')}; see {command} --help").ConfigureAwait(false);
            return Wrong;
        }

        // Signals are the commands' own business: run drains on the first and ends on the second.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (SettingsException e)
        {
            await Console.Error.WriteLineAsync($"{PathOf(parsed.CommandResult)}: {e.Message}").ConfigureAwait(false);
            return Wrong;
        }
    }

    /// <summary>The whole tree; public to tests and to what is generated from it.</summary>
    public static RootCommand Root() => new(
        """
        Bridges MQTT to Apache Kafka: every message becomes one JSON record, none lost, in order.

        fastbridge demo                            see it work: an embedded Kafka, a mosquitto of its own, a little fleet
        fastbridge run --config connectors.json    bridge until SIGTERM
        """)
    {
        RunCommand.Create(),
        Dlq.DlqCommand.Create(),
        DemoCommand.Create(),
        BufferCommand.Create(),
    };

    private static string PathOf(CommandResult command)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = command; at is CommandResult c; at = at.Parent)
            names.Push(c.Command is RootCommand ? "fastbridge" : c.Command.Name);
        return string.Join(' ', names);
    }
}
