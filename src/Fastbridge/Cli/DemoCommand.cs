using System.CommandLine;
using System.Globalization;
using Fastbridge.Demo;

namespace Fastbridge.Cli;

/// <summary><c>fastbridge demo</c>: the main job on an embedded Kafka and a local mosquitto, in one command.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var messages = new Option<int?>("--messages", "-n") { Description = "How many messages the fleet publishes. Default: 24", HelpName = "N" };
        messages.Validators.Add(result =>
        {
            // By its text: to ask for the value of what is no number throws.
            if (result.Tokens is [{ Value: { } text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 1_000_000))
                result.AddError($"--messages: {text} is not a number from 1 to 1000000");
        });
        var command = new Command("demo", "See it work, offline: a mosquitto, a little fleet's telemetry, an embedded Kafka; every record is shown.") { messages };
        command.SetAction((parsed, _) =>
            DemoAsync(Settings.Load(KeyValuePair.Create("demo:messages", parsed.GetValue(messages)?.ToString(CultureInfo.InvariantCulture)))));
        return command;
    }

    private static async Task<int> DemoAsync(Settings settings)
    {
        using var signals = new Signals();
        var demo = new MainJobDemo(settings, Console.Out);
        try
        {
            return await demo.RunAsync(signals.Stop).ConfigureAwait(false) ? CommandTree.Done : CommandTree.Failed;
        }
        catch (DemoException e)
        {
            await Console.Error.WriteLineAsync($"fastbridge demo: {e.Message}").ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("fastbridge demo: interrupted").ConfigureAwait(false);
        }

        return CommandTree.Failed;
    }
}
