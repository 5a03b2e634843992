using System.Threading.Channels;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Cli.Mqtt;

/// <summary>Prints what arrives until the count, Ctrl-C, or nobody reads any more. A message is acknowledged when it has been printed.</summary>
internal sealed class SubscribeRun(MqttClientOptions options, MessageFormat format, int count)
{
    /// <summary>Messages that wait for a slow terminal. 16: they may have 10 MB each; then the broker waits.</summary>
    private const int MostWaiting = 16;

    private readonly MqttClientOptions _options = options;
    private readonly MessageFormat _format = format;
    private readonly int _count = count;
    private readonly Channel<Printed> _waiting = Channel.CreateBounded<Printed>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using var signals = new Signals();
        var watcher = new Watcher(this);
        try
        {
            await using Link link = await Link.OpenAsync(_options, watcher, signals.Stop).ConfigureAwait(false);
            // Retained messages may come before SUBACK, so printing does not wait for it; a refusal ends both.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop);
            Task printing = PrintAsync(link, end.Token);
            string? refusal = null;
            if (await Task.WhenAny(watcher.Subscribed.WaitAsync(_options.ConnectTimeout, end.Token), printing).ConfigureAwait(false) is Task<MqttEvent> subscribed)
                refusal = await RefusalAsync(subscribed).ConfigureAwait(false);
            if (refusal is null)
            {
                await printing.ConfigureAwait(false);
                return CommandTree.Done;
            }

            await end.CancelAsync().ConfigureAwait(false);
            await printing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new LinkException(refusal);
        }
        catch (OperationCanceledException)
        {
            return CommandTree.Done;
        }
        catch (LinkException e)
        {
            await Say(e.Message).ConfigureAwait(false);
            return CommandTree.Failed;
        }
    }

    private static Task Say(string line) => Console.Error.WriteLineAsync($"{CommandTree.Name} mqtt subscribe: {line}");

    private async Task<string?> RefusalAsync(Task<MqttEvent> subscribed)
    {
        MqttEvent what;
        try
        {
            what = await subscribed.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return "the broker does not answer SUBSCRIBE; look at its log, or give more time with --timeout";
        }

        if (what is MqttEvent.Lost lost)
            return Link.Wording(lost.Reason, _options);
        foreach (SubscriptionGrant grant in ((MqttEvent.Subscribed)what).Grants)
        {
            if (grant.Code >= 0x80)
                return $"the broker refuses {Printable.Text(grant.Filter)}: {((ReasonCode)grant.Code).InWords()}";
            if (grant.IsFault)
                await Say($"{Printable.Text(grant.Filter)} was granted at QoS {grant.Code} only").ConfigureAwait(false);
        }

        return null;
    }

    private async Task PrintAsync(Link link, CancellationToken stop)
    {
        int left = _count;
        while (await _waiting.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            while (_waiting.Reader.TryRead(out Printed? message))
            {
                if (!StandardOutput.TryWrite(message.Line.Span))
                    return;
                link.Client.Acknowledge(message.Receipt);
                if (--left == 0)
                    return;
            }
        }
    }

    private sealed record Printed(ReadOnlyMemory<byte> Line, Receipt Receipt);

    private sealed class Watcher(SubscribeRun run) : MqttWatcher
    {
        private int _left = run._count;

        public override PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt)
        {
            if (_left == 0)
                return PublishOutcome.Left;
            if (!run._waiting.Writer.TryWrite(new Printed(run._format.Line(publish), receipt)))
                return PublishOutcome.NoRoom;
            _left--;
            return PublishOutcome.Taken;
        }

        public override PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt)
        {
            if (_left == 0)
                return PublishOutcome.Left;
            if (!run._waiting.Writer.TryWrite(new Printed(run._format.Oversized(publishWithoutPayload, payloadBytes), receipt)))
                return PublishOutcome.NoRoom;
            _left--;
            return PublishOutcome.Taken;
        }

        public override async ValueTask WaitForRoomAsync(CancellationToken cancellation) => await run._waiting.Writer.WaitToWriteAsync(cancellation).ConfigureAwait(false);

        public override void OnEvent(MqttEvent what)
        {
            // The first end is the command's; later ones are waited out, and said.
            if (what is MqttEvent.Lost { Repeated: false } lost && Subscribed.IsCompletedSuccessfully)
                _ = Say($"{Link.Wording(lost.Reason, run._options)}; trying again");
            base.OnEvent(what);
        }
    }
}
