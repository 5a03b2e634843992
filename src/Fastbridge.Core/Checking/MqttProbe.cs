using System.Collections.Immutable;
using System.Globalization;
using Fastbridge.Core.Config;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;

namespace Fastbridge.Core.Checking;

/// <summary>
/// Connects to the MQTT brokers of connectors as these would, under another client id, and asks for their filters. Takes no message and ends its own session,
/// so a bridge that runs beside it notices nothing.
/// </summary>
public static class MqttProbe
{
    /// <summary>Brokers that are asked at a time. 64: far below the usual 1,024 file descriptors.</summary>
    private const int AtATime = 64;

    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(1);

    /// <summary>Checks every broker once, side by side.</summary>
    /// <param name="connectors">What is to be checked.</param>
    /// <param name="clientId">The client id to use; null: a throw-away one. With one of their own the brokers are asked one after the other, for two connections of one id would end each other.</param>
    /// <param name="timeout">For CONNACK, and once more for SUBACK.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<ImmutableArray<Finding>> RunAsync(
        ImmutableArray<ConnectorConfig> connectors, string? clientId, TimeSpan timeout, CancellationToken cancellation)
    {
        using var turns = new SemaphoreSlim(clientId is null ? AtATime : 1);
        var asked = new List<Task<List<Finding>>>();
        foreach (MqttEnd end in MqttEnd.Of(connectors))
            asked.Add(InTurnAsync(end, clientId, timeout, turns, cancellation));
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (List<Finding> of in await Task.WhenAll(asked).ConfigureAwait(false))
            findings.AddRange(of);
        return findings.ToImmutable();
    }

    private static async Task<List<Finding>> InTurnAsync(MqttEnd end, string? clientId, TimeSpan timeout, SemaphoreSlim turns, CancellationToken cancellation)
    {
        await turns.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await AskAsync(end, clientId, timeout, cancellation).ConfigureAwait(false);
        }
        finally
        {
            turns.Release();
        }
    }

    private static async Task<List<Finding>> AskAsync(MqttEnd end, string? givenId, TimeSpan timeout, CancellationToken cancellation)
    {
        // 23 characters: as many as every server must accept [MQTT-3.1.3-5].
        string clientId = givenId ?? $"fastbridge-check-{Random.Shared.Next(0x1000000):x6}";
        var watcher = new MqttWatcher();
        MqttClientOptions options = end.Options with
        {
            ClientId = clientId,
            CleanStart = true,
            SessionExpiryInterval = 0,
            Will = null,
            Unsubscriptions = [],
            Subscriptions = end.HarmlessFilters(clientId),
            ConnectTimeout = timeout,
            ReceiveMaximum = 1, // messages are left to the server, so that one is enough
        };
        await using var client = new MqttClient(options, watcher);
        var report = new Report(end, client.Server);
        Task running = client.RunAsync(cancellation);
        try
        {
            // The client has its own limit for connecting; a second more is for its reason to come out.
            MqttEvent opened = await watcher.Opened.WaitAsync(timeout + Closing, cancellation).ConfigureAwait(false);
            if (report.Opened(opened, givenId))
                report.Subscribed(await watcher.Subscribed.WaitAsync(timeout, cancellation).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            report.Silent(watcher.Opened.IsCompleted, timeout);
        }

        await client.DisconnectAsync(Closing).ConfigureAwait(false);
        await running.ConfigureAwait(false);
        return report.Findings;
    }

    /// <summary>Turns what one end said into findings.</summary>
    private sealed class Report(MqttEnd end, string server)
    {
        public List<Finding> Findings { get; } = [];

        /// <returns>Connected: SUBACK is to be awaited.</returns>
        public bool Opened(MqttEvent what, string? givenId)
        {
            if (what is MqttEvent.Lost lost)
            {
                (string text, string? remedy) = Split(lost.Reason);
                // A broker that admits only certain client ids says so in one of these ways; it may as well mean the user.
                if (lost.Refusal is ReasonCode.ClientIdentifierNotValid or ReasonCode.NotAuthorized)
                {
                    remedy = givenId is null
                        ? "perhaps it admits only certain client ids, and the check used a throw-away one: try check --client-id with one that it admits; else " + remedy
                        : $"perhaps it does not admit the client id {givenId}; else {remedy}";
                }

                Add("connect", FindingLevel.Fail, text, remedy);
                return false;
            }

            string version = end.Options.Version == MqttVersion.V5 ? "5.0" : "3.1.1";
            string user = end.Options.Username is null ? "" : ", user name accepted";
            string at = what is MqttEvent.Connected connected && connected.Server != server ? $", at {connected.Server}, where it sends its clients" : "";
            string way = end.Options.WebSocketPath is null ? "" : " over WebSocket";
            Add("connect", FindingLevel.Ok, $"MQTT {version}{way}{Trust(end.Options.Tls)}{user}{at}");
            return true;
        }

        /// <summary>What vouched for the server's certificate.</summary>
        private static string Trust(MqttTlsOptions? tls) => tls switch
        {
            null => "",
            { Insecure: true } => " over TLS, any certificate",
            { CaFile: null, Fingerprints.IsEmpty: false } => " over TLS, by its fingerprint",
            { CaFile: { } file } => $" over TLS, authorities of {file}",
            _ => $" over TLS, authorities of {SystemAuthorities.Find() ?? "the system"}",
        };

        public void Subscribed(MqttEvent what)
        {
            if (what is not MqttEvent.Subscribed subscribed)
            {
                (string text, string? remedy) = Split(((MqttEvent.Lost)what).Reason);
                Add("subscribe", FindingLevel.Fail, $"the connection ended at SUBSCRIBE: {text}", remedy ?? "some brokers end it for a filter that they do not permit");
                return;
            }

            for (int i = 0; i < end.Filters.Count; i++)
                Granted(end.Filters[i], subscribed.Grants[i].Code);
        }

        public void Silent(bool connected, TimeSpan timeout) => Add(connected ? "subscribe" : "connect", FindingLevel.Fail,
            string.Create(CultureInfo.InvariantCulture, $"no {(connected ? "SUBACK" : "connection")} within {timeout.TotalSeconds:0.#} s"), "look at the broker's log, or give more time with --timeout");

        private void Granted(MqttSubscription filter, byte code)
        {
            string what = "subscribe " + filter.Filter;
            ImmutableArray<string> connectors = end.ConnectorsOf(filter.Filter);
            string shared = filter.Filter.StartsWith("$share/", StringComparison.Ordinal) ? ", in a group of the check's own" : "";
            if (code >= 0x80)
                Add(what, FindingLevel.Fail, $"the broker refuses it: {((ReasonCode)code).InWords()}{shared}", "allow it there, or mend topic_id", connectors);
            else if (code < (byte)filter.QoS)
                Add(what, FindingLevel.Warn, $"granted at QoS {code} only, QoS {(byte)filter.QoS} was asked for{shared}", "allow it there, or lower the connector's qos", connectors);
            else
                Add(what, FindingLevel.Ok, $"granted at QoS {code}{shared}", null, connectors);
        }

        private void Add(string what, FindingLevel level, string text, string? remedy = null, ImmutableArray<string>? connectors = null) => Findings.Add(new Finding
        {
            Connectors = connectors ?? [.. end.Connectors],
            End = server,
            What = what,
            Level = level,
            Text = text,
            Remedy = remedy,
        });

        /// <summary>"mqtt://host:1883: what; remedy" in its parts: the address is the end's column.</summary>
        private (string Text, string? Remedy) Split(string reason)
        {
            if (reason.StartsWith(server + ": ", StringComparison.Ordinal))
                reason = reason[(server.Length + 2)..];
            int at = reason.IndexOf("; ", StringComparison.Ordinal);
            return at < 0 ? (reason, null) : (reason[..at], reason[(at + 2)..]);
        }
    }
}
