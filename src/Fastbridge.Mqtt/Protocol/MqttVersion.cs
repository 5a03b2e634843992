namespace Fastbridge.Mqtt.Protocol;

/// <summary>The Protocol Version byte of a CONNECT [3.1.2.2].</summary>
public enum MqttVersion : byte
{
    /// <summary>MQTT 3.1.1.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0.</summary>
    V5 = 5,
}
