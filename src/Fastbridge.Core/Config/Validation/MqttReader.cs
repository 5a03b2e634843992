using System.Globalization;
using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Core.Config.Validation;

/// <summary>What an <c>mqtt</c> object says, the file's and the connector's own merged.</summary>
/// <param name="Options">Without client id and subscriptions, which are the connector's.</param>
/// <param name="Node">The merged object; null where neither the file nor the connector has one.</param>
/// <param name="ClientId">As written: the file's prefix or the connector's own; null where there is none.</param>
internal sealed record MqttSettings(MqttClientOptions Options, Node? Node, QoS QoS, byte RetainHandling, string? ClientId);

/// <summary>Reads <c>mqtt</c>.</summary>
internal static class MqttReader
{
    /// <summary>The names in an <c>mqtt</c> object as it was written, before it is merged.</summary>
    public static void CheckKeys(Node mqtt, LoadContext context)
    {
        KeyCheck.Known(mqtt, KeySection.Mqtt, context);
        if (mqtt.Find("tls") is { Kind: NodeKind.Object } tls)
            KeyCheck.Known(tls, KeySection.Tls, context);
        if (mqtt.Find("will") is { Kind: NodeKind.Object } will)
            KeyCheck.Known(will, KeySection.Will, context);
    }

    /// <param name="complete">False for the file's object alone: what a connector may add is not missed.</param>
    public static MqttSettings Read(Node? mqtt, bool complete, LoadContext context)
    {
        var options = new MqttClientOptions();
        if (mqtt is null)
            return new MqttSettings(options, null, QoS.AtLeastOnce, 1, null);
        var reader = new ObjectReader(mqtt, KeySection.Mqtt, context);
        MqttVersion version = reader.Choice("protocol_version") is "4" or "3.1.1" ? MqttVersion.V311 : MqttVersion.V5;
        ServerSettings at = ServerReader.Read(reader, context);
        string? username = WireText(reader, "username", context);
        Resolved? password = reader.Text("password");
        if (password is { } p && Encoding.UTF8.GetByteCount(p.Value) > ushort.MaxValue)
            context.FaultWithoutValue(reader.Find("password")!, "is longer than the 65535 bytes that MQTT can carry");
        // [MQTT-3.1.2-22] (3.1.1): no password without a user name.
        if (complete && version == MqttVersion.V311 && username is null && reader.Find("username") is null && password is not null)
            context.FaultWithoutValue(reader.Find("password")!, "MQTT 3.1.1 allows no password without a user name", "add username, or set protocol_version to 5");
        options = options with
        {
            Host = at.Servers[0].Host,
            Port = at.Servers[0].Port,
            WebSocketPath = at.Servers[0].WebSocketPath,
            OtherServers = at.Servers.RemoveAt(0),
            FollowServerReference = reader.Flag("follow_server_reference") ?? options.FollowServerReference,
            WebSocketHeaders = HeaderReader.Read(reader, at.Servers, context),
            Proxy = ProxyReader.Read(reader, context),
            Tls = at.Tls,
            Version = version,
            Username = username,
            Password = password is { } secret ? Encoding.UTF8.GetBytes(secret.Value) : (ReadOnlyMemory<byte>?)null,
            CleanStart = reader.Flag("clean_start") ?? options.CleanStart,
            SessionExpiryInterval = (uint)(reader.Number("session_expiry_interval") ?? options.SessionExpiryInterval),
            KeepAlive = (ushort)(reader.Number("keep_alive") ?? options.KeepAlive),
            ReceiveMaximum = (ushort)(reader.Number("receive_maximum") ?? options.ReceiveMaximum),
            TopicAliasMaximum = (ushort)(reader.Number("topic_alias_maximum") ?? options.TopicAliasMaximum),
            MaximumPacketSize = (uint)(reader.Number("maximum_packet_size") ?? options.MaximumPacketSize),
            ConnectTimeout = reader.Seconds("connect_timeout") ?? options.ConnectTimeout,
            ReconnectDelay = reader.Seconds("reconnect_delay") ?? options.ReconnectDelay,
            ReconnectDelayMax = reader.Seconds("reconnect_delay_max") ?? options.ReconnectDelayMax,
            Will = WillReader.Read(reader, complete, context),
        };
        if (options.ReconnectDelayMax < options.ReconnectDelay)
        {
            string bound = options.ReconnectDelay.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            context.Fault((reader.Find("reconnect_delay_max") ?? reader.Find("reconnect_delay"))!, $"reconnect_delay_max must be at least reconnect_delay ({bound})");
        }

        return new MqttSettings(
            options,
            mqtt,
            (QoS)(reader.Number("qos") ?? (long)QoS.AtLeastOnce),
            (byte)(reader.Number("retain_handling") ?? 1),
            WireText(reader, "client_id", context));
    }

    /// <summary>Text for an MQTT string: at most 65,535 bytes [1.5.4].</summary>
    public static string? WireText(ObjectReader reader, string name, LoadContext context)
    {
        if (reader.Text(name) is not { } text)
            return null;
        if (Encoding.UTF8.GetByteCount(text.Value) > ushort.MaxValue)
            context.Fault(reader.Find(name)!, "is longer than the 65535 bytes that MQTT can carry");
        return text.Value;
    }
}
