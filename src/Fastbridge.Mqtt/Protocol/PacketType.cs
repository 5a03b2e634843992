namespace Fastbridge.Mqtt.Protocol;

/// <summary>The MQTT control packet types [2.1.2]: the upper four bits of a packet's first byte.</summary>
public enum PacketType : byte
{
    /// <summary>0 is reserved; used here for "no packet" and, in <see cref="PropertyTable"/>, for the will of a CONNECT.</summary>
    None = 0,
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,

    /// <summary>5.0 only.</summary>
    Auth = 15,
}
