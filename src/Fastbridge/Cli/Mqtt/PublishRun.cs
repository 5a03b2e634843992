using System.Globalization;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Cli.Mqtt;

/// <summary>Publishes over one connection and counts what the broker acknowledged. A connection that is lost ends it: what was not acknowledged is told, not sent twice.</summary>
/// <param name="options">The broker.</param>
/// <param name="template">Everything of the messages but their payload.</param>
/// <param name="json">The outcome as a JSON object on one line.</param>
internal sealed class PublishRun(MqttClientOptions options, OutgoingPublish template, bool json)
{
    /// <summary>Messages on their way at a time, where lines come from a pipe: one round trip for a hundred of them.</summary>
    private const int MostOnTheirWay = 100;

    private readonly Queue<Task<PublishResult>> _onTheirWay = new();
    private readonly MqttWatcher _watcher = new();
    private long _acknowledged;
    private long _refused;
    private bool _unheard;

    /// <param name="payload">The one message; null: a message a line of standard input.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(byte[]? payload)
    {
        using var signals = new Signals();
        try
        {
            await using Link link = await Link.OpenAsync(options, _watcher, signals.Stop).ConfigureAwait(false);
            if (payload is not null)
            {
                Send(link, payload);
                await SettleAsync(0, signals.Stop).ConfigureAwait(false);
            }
            else
            {
                await SendLinesAsync(link, signals.Stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_onTheirWay.Count == 0 && _acknowledged > 0)
        {
            // Ctrl-C at the prompt is how a person ends.
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted");
        }
        catch (TimeoutException)
        {
            return Fail(string.Create(CultureInfo.InvariantCulture, $"no acknowledgement within {options.ConnectTimeout.TotalSeconds} s; look at the broker's log, or give more time with --timeout"));
        }
        catch (Exception e) when (e is LinkException or MqttPublishException or InvalidDataException or IOException)
        {
            return Fail(e.Message);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException(e.Message);
        }

        // At QoS 0 nothing says that a message arrived; a connection that broke says that it may not have.
        if (template.QoS == QoS.AtMostOnce && _watcher.Lost.IsCompleted)
            return Fail(Link.Wording(_watcher.Lost.Result.Reason, options));
        string result = payload is not null ? "Published successfully!" : string.Create(CultureInfo.InvariantCulture, $"Published {_acknowledged} messages.");
        string unheard = _unheard ? " (nobody is subscribed)" : "";
        await Console.Out.WriteLineAsync(json ? ConnectorOutput.PublishedJson(result, _acknowledged, _refused, _unheard) : result + unheard).ConfigureAwait(false);
        return _refused == 0 ? CommandTree.Done : CommandTree.Failed;
    }

    private async Task SendLinesAsync(Link link, CancellationToken stop)
    {
        bool person = !Console.IsInputRedirected;
        if (person)
            await Console.Error.WriteLineAsync($"connected to {link.Client.Server}; each line is a message to {Printable.Text(template.Topic)}, Ctrl-D ends").ConfigureAwait(false);
        using Stream input = Console.OpenStandardInput();
        var lines = new LineReader(input);
        while (await lines.ReadAsync(stop).ConfigureAwait(false) is { } line)
        {
            Send(link, line);
            try
            {
                await SettleAsync(person ? 0 : MostOnTheirWay - 1, stop).ConfigureAwait(false);
            }
            catch (LinkException e) when (person && !_watcher.Lost.IsCompleted)
            {
                // A person sees it and may type on.
                await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            }
        }

        await SettleAsync(0, stop).ConfigureAwait(false);
    }

    private void Send(Link link, byte[] payload) => _onTheirWay.Enqueue(link.Client.PublishAsync(template with { Payload = payload }).AsTask());

    /// <summary>Waits for acknowledgements, the oldest first, until no more than so many are on their way.</summary>
    private async Task SettleAsync(int most, CancellationToken stop)
    {
        while (_onTheirWay.TryPeek(out Task<PublishResult>? oldest) && (_onTheirWay.Count > most || oldest.IsCompleted))
        {
            Task<MqttEvent.Lost> lost = _watcher.Lost;
            Task first = await Task.WhenAny(oldest, lost).WaitAsync(options.ConnectTimeout, stop).ConfigureAwait(false);
            if (first == lost && !oldest.IsCompleted)
                throw new LinkException(Link.Wording(lost.Result.Reason, options));
            PublishResult result = await oldest.ConfigureAwait(false);
            _ = _onTheirWay.Dequeue();
            if (!result.IsSuccess)
            {
                _refused++;
                throw new LinkException($"the broker refused the message: {result.ReasonCode.InWords()}");
            }

            _acknowledged++;
            _unheard = result.ReasonCode == ReasonCode.NoMatchingSubscribers;
        }
    }

    private int Fail(string reason)
    {
        string others = _acknowledged > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {_acknowledged} messages before were {(template.QoS == QoS.AtMostOnce ? "sent" : "acknowledged")}") : "";
        Console.Error.WriteLine($"{CommandTree.Name} mqtt publish: {Printable.Text(reason)}{others}");
        return CommandTree.Failed;
    }
}
