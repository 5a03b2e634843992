using System.CommandLine;
using System.CommandLine.Parsing;
using Fastbridge.Cli.Check;
using Fastbridge.Cli.Manual;
using Fastbridge.Cli.Mqtt;

namespace Fastbridge.Cli;

/// <summary>The commands, and what an outcome becomes: exit code 0 done, 1 it failed, 2 the command line or file is wrong.</summary>
internal static class CommandTree
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Wrong = 2;

    private const string RobustCtl = "robust-ctl";

    /// <summary>What the program is called in its messages: <c>robust-ctl</c> where it was started by that name, so that scripts written for RobustMQ's see theirs.</summary>
    public static string Name { get; } = NameOf(Environment.GetCommandLineArgs()[0]);

    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string command = PathOf(parsed.CommandResult);
            foreach (ParseError error in parsed.Errors)
                await Console.Error.WriteLineAsync($"{command}: {OneLine(error.Message)}; see {command} --help").ConfigureAwait(false);
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
        fastbridge check --config connectors.json  see what would fail, at both ends
        fastbridge run --config connectors.json    bridge until SIGTERM
        """)
    {
        RunCommand.Create(),
        CheckCommand.Create(),
        MqttCommand.Create(),
        DemoCommand.Create(),
        CompletionCommand.Create(),
        ManCommand.Create(),
    };

    /// <summary>The name for messages, from the one that the program was started by.</summary>
    internal static string NameOf(string path) => Path.GetFileName(path) == RobustCtl ? RobustCtl : "fastbridge";

    /// <summary>The library lists choices below each other.</summary>
    private static string OneLine(string message) => string.Join(' ', message.Split(['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    private static string PathOf(CommandResult command)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = command; at is CommandResult c; at = at.Parent)
            names.Push(c.Command is RootCommand ? Name : c.Command.Name);
        return string.Join(' ', names);
    }
}
