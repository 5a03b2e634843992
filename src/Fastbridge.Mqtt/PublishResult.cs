using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Mqtt;

/// <summary>What the server said of a message that was published.</summary>
/// <param name="ReasonCode">Of its PUBACK, PUBREC or PUBCOMP; success at QoS 0 and in 3.1.1, which say nothing.</param>
public readonly record struct PublishResult(ReasonCode ReasonCode)
{
    /// <summary>The server has it (perhaps without a subscriber, 0x10). False: it refused, and sending again would not help.</summary>
    public bool IsSuccess => !ReasonCode.IsError();
}

/// <summary>Why a message could not be published.</summary>
public enum PublishFault
{
    /// <summary>Longer than the server's Maximum Packet Size [MQTT-3.2.2-15].</summary>
    TooLarge,

    /// <summary>Above the server's Maximum QoS [MQTT-3.2.2-11].</summary>
    QoSNotSupported,

    /// <summary>The server keeps no retained messages [MQTT-3.2.2-14].</summary>
    RetainNotSupported,

    /// <summary>The server lost the session in the midst of a QoS 2 exchange: whether it delivered the message is not known.</summary>
    SessionLost,

    /// <summary>The client was stopped first. A message that was on its way may have arrived.</summary>
    Stopped,
}

/// <summary>A message could not be published; says why in one line.</summary>
public sealed class MqttPublishException(PublishFault fault, string message) : Exception(message)
{
    public PublishFault Fault { get; } = fault;
}
