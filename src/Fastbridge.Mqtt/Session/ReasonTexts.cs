using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt.Session;

/// <summary>What the server's reason codes mean to an operator, with the remedy.</summary>
internal static class ReasonTexts
{
    // 200 characters of the server's own words: enough for a sentence, not for a flood of the log.
    private const int MostServerText = 200;

    /// <summary>CONNACK with a refusal.</summary>
    public static ConnectionEnd OfRefusal(ConnAckPacket packet)
    {
        string text = packet.ReasonCode switch
        {
            ReasonCode.UnsupportedProtocolVersion => "it does not speak this version of MQTT; set mqtt.protocol_version to the other one (4 is 3.1.1, 5 is 5.0)",
            ReasonCode.ClientIdentifierNotValid => "it does not accept the client identifier; check mqtt.client_id",
            ReasonCode.BadUserNameOrPassword => "bad user name or password; check mqtt.username and mqtt.password",
            ReasonCode.NotAuthorized => "not authorized; check user name, password and the server's access rules",
            ReasonCode.Banned => "this client is banned; ask the server's operator",
            ReasonCode.ServerUnavailable => "the server is unavailable",
            ReasonCode.ServerBusy => "the server is busy",
            ReasonCode.QuotaExceeded => "a quota is exceeded; ask the server's operator",
            ReasonCode.ConnectionRateExceeded => "too many connections in a short time",
            ReasonCode.QoSNotSupported => "the QoS of the will is not supported",
            ReasonCode.RetainNotSupported => "a retained will is not supported",
            ReasonCode.UseAnotherServer or ReasonCode.ServerMoved => Moved(packet.ReasonCode, packet.ServerReference),
            _ => packet.ReasonCode.InWords(),
        };
        return new ConnectionEnd($"the server refused the connection: {text}{Said(packet.ReasonString)}", Refusal: packet.ReasonCode, Reference: Reference(packet.ReasonCode, packet.ServerReference));
    }

    /// <summary>DISCONNECT from the server.</summary>
    public static ConnectionEnd OfDisconnect(DisconnectPacket packet)
    {
        string text = packet.ReasonCode switch
        {
            ReasonCode.SessionTakenOver => "another client connected with the same client identifier; give each its own mqtt.client_id",
            ReasonCode.ServerShuttingDown => "it is shutting down",
            ReasonCode.KeepAliveTimeout => "it heard nothing from us for 1.5 times the keep alive",
            ReasonCode.AdministrativeAction => "its operator closed the connection",
            ReasonCode.UseAnotherServer or ReasonCode.ServerMoved => Moved(packet.ReasonCode, packet.ServerReference),
            _ => packet.ReasonCode.InWords(),
        };
        return new ConnectionEnd($"the server disconnected: {text}{Said(packet.ReasonString)}", WaitLong: packet.ReasonCode == ReasonCode.SessionTakenOver, Reference: Reference(packet.ReasonCode, packet.ServerReference));
    }

    private static string Moved(ReasonCode code, string? reference) =>
        (code == ReasonCode.ServerMoved ? "it has moved for good" : "it asks to use another server") +
        (reference is null ? "" : $" ({OneLine(reference)})");

    private static string? Reference(ReasonCode code, string? reference) => code is ReasonCode.UseAnotherServer or ReasonCode.ServerMoved ? reference : null;

    private static string Said(string? reason) => string.IsNullOrWhiteSpace(reason) ? "" : $" (it says: {OneLine(reason)})";

    // The server's words go into a log line: no control characters, no flood.
    private static string OneLine(string text)
    {
        string cut = text.Length <= MostServerText ? text : text[..MostServerText] + "…";
        return string.Concat(cut.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }
}
