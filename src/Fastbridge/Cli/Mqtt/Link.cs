using Fastbridge.Mqtt;

namespace Fastbridge.Cli.Mqtt;

/// <summary>One connection to a broker for a command: made or refused, and ended in good order.</summary>
internal sealed class Link : IAsyncDisposable
{
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(5);

    private readonly Task _running;

    private Link(MqttClient client, Task running)
    {
        Client = client;
        _running = running;
    }

    public MqttClient Client { get; }

    /// <exception cref="SettingsException">MQTT cannot carry an option (a client id of 70,000 characters, say).</exception>
    /// <exception cref="LinkException">No connection; one line.</exception>
    /// <exception cref="OperationCanceledException">Stopped first.</exception>
    public static async Task<Link> OpenAsync(MqttClientOptions options, MqttWatcher watcher, CancellationToken stop)
    {
        MqttClient client;
        try
        {
            client = new MqttClient(options, watcher);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException(e.Message);
        }

        var link = new Link(client, client.RunAsync(CancellationToken.None));
        try
        {
            if (await watcher.Opened.WaitAsync(stop).ConfigureAwait(false) is MqttEvent.Lost lost)
                throw new LinkException(Wording(lost.Reason, options));
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A reason as the bridge says it, with this command line's names for what the connectors file calls otherwise.</summary>
    public static string Wording(string reason, MqttClientOptions options)
    {
        bool named = reason.Contains("://", StringComparison.Ordinal) && options.Servers.Any(s => reason.StartsWith(s.Address(options.Tls is not null) + ": ", StringComparison.Ordinal));
        return Printable.Text((named ? "" : options.Servers[0].Address(options.Tls is not null) + ": ") + reason)
            .Replace("mqtt.username and mqtt.password", "--username and --password", StringComparison.Ordinal)
            .Replace("mqtt.protocol_version", "--protocol-version", StringComparison.Ordinal)
            .Replace("mqtt.client_id", "--client-id", StringComparison.Ordinal)
            .Replace("mqtt.server", "--server", StringComparison.Ordinal)
            .Replace("mqtt.proxy", "--proxy", StringComparison.Ordinal)
            .Replace("mqtt.headers", "--header", StringComparison.Ordinal)
            .Replace("tls.server_name", "--server-name", StringComparison.Ordinal)
            .Replace("tls.fingerprint", "--fingerprint", StringComparison.Ordinal)
            .Replace("tls.alpn", "--alpn", StringComparison.Ordinal)
            .Replace("tls.key_file", "--key-file", StringComparison.Ordinal)
            .Replace("tls.key_password", "--key-password", StringComparison.Ordinal)
            .Replace("tls.ca_file", "--ca-file", StringComparison.Ordinal)
            .Replace("tls.cert_file", "--cert-file", StringComparison.Ordinal);
    }

    /// <summary>Sends what is due and DISCONNECT, and waits for the server to close.</summary>
    public async ValueTask DisposeAsync()
    {
        await Client.DisconnectAsync(Closing).ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }
}

/// <summary>The broker cannot be reached or refuses; one line with the remedy.</summary>
internal sealed class LinkException(string message) : Exception(message);
