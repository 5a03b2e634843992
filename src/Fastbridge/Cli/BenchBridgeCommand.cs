using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Fastbridge.Bench;
using Fastbridge.Core;

namespace Fastbridge.Cli;

/// <summary>
/// <c>fastbridge bench-bridge</c>, hidden: the bridge that <c>fastbridge bench</c> measures. It is <c>run</c> without the admin API; it answers each line of its standard
/// input with what it has used, and ends cleanly with that input's end, so that none outlives the bench, however that ended.
/// </summary>
internal static class BenchBridgeCommand
{
    /// <summary>Seconds for a clean end: who interrupts a bench does not wait.</summary>
    private const string Drain = "3";

    public static Command Create()
    {
        var config = new Option<string>("--config") { Required = true };
        var command = new Command("bench-bridge", "The bridge that bench measures.") { config };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunCommand.RunAsync(parsed.GetRequiredValue(config), Settings.Load(KeyValuePair.Create<string, string?>("admin", ""), new("drain_seconds", Drain)), Answer));
        return command;
    }

    /// <summary>Until the input has ended; on a thread of its own, which reading blocks.</summary>
    private static Task Answer(Bridge bridge) => Task.Factory.StartNew(
        () =>
        {
            using var questions = new StreamReader(Console.OpenStandardInput());
            using Stream answers = Console.OpenStandardOutput();
            while (questions.ReadLine() is not null)
            {
                long delivered = 0;
                foreach (ConnectorStatus status in bridge.Status)
                    delivered += status.Delivered;
                using var self = Process.GetCurrentProcess();
                var use = new BridgeUse(Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true), self.PeakWorkingSet64, delivered);
                answers.Write(Encoding.ASCII.GetBytes(use.Line() + "\n"));
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
