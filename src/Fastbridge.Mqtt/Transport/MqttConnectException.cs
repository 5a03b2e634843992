namespace Fastbridge.Mqtt.Transport;

/// <summary>A connection could not be made; the message is one line: what failed and what to do, without the address and without a secret.</summary>
internal sealed class MqttConnectException(string message, Exception? inner = null) : Exception(message, inner);
