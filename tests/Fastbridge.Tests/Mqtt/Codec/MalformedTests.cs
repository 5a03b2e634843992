using Fastbridge.Mqtt.Codec;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Mqtt.Codec;

/// <summary>
/// Each rule that a packet alone can break. A row: version (4 is 3.1.1), the packet, the statement that it breaks, the answering reason code. Every row is
/// fed whole, split at every index and byte by byte.
/// </summary>
public class MalformedTests
{
    [Theory]
    // Fixed header: type, flags, length.
    [InlineData(4, "00 00", "2.1.2", 0x82)] // type 0 is reserved
    [InlineData(5, "10 00", "2.1.2", 0x82)] // CONNECT from a server
    [InlineData(5, "82 05 0001 00 0000 00", "2.1.2", 0x82)] // SUBSCRIBE
    [InlineData(5, "A2 05 0001 00 0000", "2.1.2", 0x82)] // UNSUBSCRIBE
    [InlineData(5, "C0 00", "2.1.2", 0x82)] // PINGREQ
    [InlineData(4, "E0 00", "2.1.2", 0x82)] // DISCONNECT from a 3.1.1 server
    [InlineData(4, "F0 00", "2.1.2", 0x82)] // AUTH is 5.0's
    [InlineData(4, "21 02 00 00", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "41 02 00 01", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "58 02 00 01", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "60 02 00 01", "MQTT-2.1.3-1", 0x81)] // PUBREL wants 0b0010
    [InlineData(4, "72 02 00 01", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "94 04 00 01 00 00", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "B1 04 00 01 00 00", "MQTT-2.1.3-1", 0x81)]
    [InlineData(4, "D1 00", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "E1 00", "MQTT-2.1.3-1", 0x81)]
    [InlineData(5, "F1 00", "MQTT-2.1.3-1", 0x81)]
    [InlineData(4, "36 05 0001 61 0001", "MQTT-3.3.1-4", 0x81)] // QoS 3
    [InlineData(5, "3F 06 0001 61 0001 00", "MQTT-3.3.1-4", 0x81)]
    [InlineData(4, "38 03 0001 61", "MQTT-3.3.1-2", 0x81)] // DUP at QoS 0
    [InlineData(5, "39 04 0001 61 00", "MQTT-3.3.1-2", 0x81)]
    [InlineData(4, "30 FFFFFFFF", "1.5.5", 0x81)] // a fifth length byte is announced
    [InlineData(5, "30 80808080", "1.5.5", 0x81)]
    [InlineData(5, "D0 8000", "MQTT-1.5.5-1", 0x81)] // not the minimal form
    [InlineData(5, "40 828000 0001", "MQTT-1.5.5-1", 0x81)]
    // PUBLISH.
    [InlineData(4, "30 00", "4.13.1", 0x81)]
    [InlineData(4, "30 01 00", "4.13.1", 0x81)]
    [InlineData(4, "30 03 0002 61", "4.13.1", 0x81)]
    [InlineData(4, "32 04 0001 61 00", "4.13.1", 0x81)] // half a packet identifier
    [InlineData(5, "30 03 0001 61", "4.13.1", 0x81)] // no property length
    [InlineData(5, "32 05 0001 61 0100", "4.13.1", 0x81)] // the identifier's last byte is not one
    [InlineData(4, "30 02 0000", "MQTT-4.7.3-1", 0x82)] // empty topic
    [InlineData(5, "30 03 0000 00", "MQTT-4.7.3-1", 0x82)] // empty topic without an alias
    [InlineData(5, "30 08 0000 05 2600017800", "4.13.1", 0x81)] // a User Property cut short
    [InlineData(4, "30 05 0003 612F23", "MQTT-3.3.2-2", 0x81)] // a/#
    [InlineData(5, "30 06 0003 2B2F61 00", "MQTT-3.3.2-2", 0x81)] // +/a
    [InlineData(4, "30 05 0003 610062", "MQTT-1.5.4-2", 0x81)] // U+0000
    [InlineData(4, "30 05 0003 EDA080", "MQTT-1.5.4-1", 0x81)] // U+D800, a surrogate
    [InlineData(5, "30 06 0003 EDBFBF 00", "MQTT-1.5.4-1", 0x81)] // U+DFFF
    [InlineData(4, "30 04 0002 C080", "MQTT-1.5.4-1", 0x81)] // overlong U+0000
    [InlineData(4, "30 04 0002 C1BF", "MQTT-1.5.4-1", 0x81)] // overlong
    [InlineData(4, "30 05 0003 E0809F", "MQTT-1.5.4-1", 0x81)] // overlong
    [InlineData(4, "30 06 0004 F4908080", "MQTT-1.5.4-1", 0x81)] // above U+10FFFF
    [InlineData(4, "30 03 0001 80", "MQTT-1.5.4-1", 0x81)] // a lone continuation byte
    [InlineData(4, "32 05 0001 61 0000", "MQTT-2.2.1-4", 0x82)] // packet identifier 0
    [InlineData(5, "34 06 0001 61 0000 00", "MQTT-2.2.1-4", 0x82)]
    // Properties of a PUBLISH.
    [InlineData(5, "30 04 0001 61 01", "2.2.2.1", 0x81)] // property length runs over the packet
    [InlineData(5, "30 08 0001 61 80808080 00", "1.5.5", 0x81)]
    [InlineData(5, "30 05 0001 61 8000", "MQTT-1.5.5-1", 0x81)]
    [InlineData(5, "30 06 0001 61 02 7E01", "2.2.2.2", 0x81)] // unknown
    [InlineData(5, "30 06 0001 61 02 0401", "2.2.2.2", 0x81)]
    [InlineData(5, "30 07 0001 61 03 800100", "2.2.2.2", 0x81)] // identifier 0x80
    [InlineData(5, "30 06 0001 61 02 8100", "MQTT-1.5.5-1", 0x81)] // identifier 1 in two bytes
    [InlineData(5, "30 07 0001 61 03 210001", "2.2.2.2", 0x81)] // Receive Maximum does not belong here
    [InlineData(5, "30 08 0001 61 04 01000100", "2.2.2.2", 0x82)] // Payload Format Indicator twice
    [InlineData(5, "30 0A 0001 61 06 230001230002", "2.2.2.2", 0x82)] // Topic Alias twice
    [InlineData(5, "30 06 0001 61 02 0102", "2.2.2.2", 0x82)] // neither 0 nor 1
    [InlineData(5, "30 07 0001 61 03 230000", "MQTT-3.3.2-8", 0x94)] // alias 0
    [InlineData(5, "30 06 0001 61 02 0B00", "3.3.2.3.8", 0x82)] // Subscription Identifier 0
    [InlineData(5, "30 0A 0001 61 06 0BFFFFFFFF01", "1.5.5", 0x81)]
    [InlineData(5, "30 08 0001 61 04 08000123", "MQTT-3.3.2-14", 0x82)] // Response Topic '#'
    [InlineData(5, "30 08 0001 61 04 03000100", "MQTT-1.5.4-2", 0x81)] // U+0000 in Content Type
    [InlineData(5, "30 0B 0001 61 07 260001FF000178", "MQTT-1.5.4-1", 0x81)] // a key that is not UTF-8
    [InlineData(5, "30 06 0001 61 02 0200", "4.13.1", 0x81)] // a four byte integer of one byte
    // CONNACK.
    [InlineData(4, "20 00", "4.13.1", 0x81)]
    [InlineData(4, "20 01 00", "4.13.1", 0x81)]
    [InlineData(4, "20 03 00 00 00", "4.13.1", 0x81)] // trailing byte
    [InlineData(5, "20 04 00 00 00 00", "4.13.1", 0x81)]
    [InlineData(5, "20 02 00 00", "4.13.1", 0x81)] // no property length
    [InlineData(4, "20 02 02 00", "MQTT-3.2.2-1", 0x81)]
    [InlineData(5, "20 03 80 00 00", "MQTT-3.2.2-1", 0x81)]
    [InlineData(4, "20 02 01 05", "MQTT-3.2.2-6", 0x82)] // Session Present on a refusal
    [InlineData(5, "20 03 01 87 00", "MQTT-3.2.2-6", 0x82)]
    [InlineData(4, "20 02 00 06", "MQTT-3.2.2-8", 0x82)]
    [InlineData(5, "20 03 00 01 00", "MQTT-3.2.2-8", 0x82)]
    [InlineData(5, "20 03 00 8E 00", "MQTT-3.2.2-8", 0x82)]
    [InlineData(5, "20 06 00 00 03 210000", "3.2.2.3.3", 0x82)] // Receive Maximum 0
    [InlineData(5, "20 08 00 00 05 2700000000", "3.2.2.3.6", 0x82)] // Maximum Packet Size 0
    [InlineData(5, "20 05 00 00 02 2403", "3.2.2.3.4", 0x82)] // Maximum QoS 3
    [InlineData(5, "20 05 00 00 02 2502", "2.2.2.2", 0x82)]
    [InlineData(5, "20 05 00 00 02 28FF", "2.2.2.2", 0x82)]
    [InlineData(5, "20 05 00 00 02 2902", "2.2.2.2", 0x82)]
    [InlineData(5, "20 05 00 00 02 2A02", "2.2.2.2", 0x82)]
    [InlineData(5, "20 05 00 00 02 1701", "2.2.2.2", 0x81)] // Request Problem Information is CONNECT's
    [InlineData(5, "20 09 00 00 06 130001130001", "2.2.2.2", 0x82)] // Server Keep Alive twice
    // PUBACK, PUBREC, PUBREL, PUBCOMP.
    [InlineData(4, "40 00", "4.13.1", 0x81)]
    [InlineData(4, "40 01 00", "4.13.1", 0x81)]
    [InlineData(4, "40 03 0001 00", "4.13.1", 0x81)] // 3.1.1 has no code
    [InlineData(5, "40 05 0001 00 00 00", "4.13.1", 0x81)]
    [InlineData(4, "40 02 0000", "MQTT-2.2.1-4", 0x82)]
    [InlineData(5, "50 03 0000 00", "MQTT-2.2.1-4", 0x82)]
    [InlineData(4, "62 02 0000", "MQTT-2.2.1-4", 0x82)]
    [InlineData(5, "70 02 0000", "MQTT-2.2.1-4", 0x82)]
    [InlineData(5, "40 03 0001 92", "2.4", 0x82)]
    [InlineData(5, "50 03 0001 01", "2.4", 0x82)]
    [InlineData(5, "62 03 0001 80", "2.4", 0x82)]
    [InlineData(5, "70 03 0001 10", "2.4", 0x82)]
    [InlineData(5, "40 04 0001 00 01", "2.2.2.1", 0x81)]
    [InlineData(5, "40 07 0001 00 03 230001", "2.2.2.2", 0x81)] // Topic Alias in a PUBACK
    [InlineData(5, "40 0A 0001 00 06 1F00001F0000", "2.2.2.2", 0x82)] // Reason String twice
    // SUBACK, UNSUBACK.
    [InlineData(4, "90 02 0001", "MQTT-3.8.4-6", 0x81)]
    [InlineData(5, "90 03 0001 00", "MQTT-3.8.4-6", 0x81)]
    [InlineData(5, "B0 03 0001 00", "MQTT-3.8.4-6", 0x81)]
    [InlineData(5, "B0 02 0001", "4.13.1", 0x81)] // no property length
    [InlineData(4, "B0 03 0001 00", "4.13.1", 0x81)] // 3.1.1's has no codes
    [InlineData(4, "90 03 0000 00", "MQTT-2.2.1-4", 0x82)]
    [InlineData(5, "B0 04 0000 00 00", "MQTT-2.2.1-4", 0x82)]
    [InlineData(4, "90 03 0001 03", "MQTT-3.9.3-2", 0x82)]
    [InlineData(4, "90 03 0001 87", "MQTT-3.9.3-2", 0x82)] // 3.1.1 knows 0x80 only
    [InlineData(5, "90 05 0001 00 00 03", "MQTT-3.9.3-2", 0x82)]
    [InlineData(5, "90 04 0001 00 81", "MQTT-3.9.3-2", 0x82)]
    [InlineData(5, "B0 04 0001 00 01", "MQTT-3.11.3-2", 0x82)]
    [InlineData(5, "B0 04 0001 00 97", "MQTT-3.11.3-2", 0x82)]
    // PINGRESP, DISCONNECT, AUTH.
    [InlineData(4, "D0 01 00", "4.13.1", 0x81)]
    [InlineData(5, "D0 02 00 00", "4.13.1", 0x81)]
    [InlineData(5, "E0 01 04", "2.4", 0x82)] // a client's code
    [InlineData(5, "E0 01 01", "2.4", 0x82)]
    [InlineData(5, "E0 03 00 00 00", "4.13.1", 0x81)]
    [InlineData(5, "E0 07 00 05 1100000001", "MQTT-3.14.2-2", 0x82)]
    [InlineData(5, "E0 05 00 03 210001", "2.2.2.2", 0x81)]
    [InlineData(5, "F0 01 00", "4.13.1", 0x81)] // no property length
    [InlineData(5, "F0 02 18 00", "3.15.2.2.2", 0x82)] // no method
    [InlineData(5, "F0 06 19 04 15000178", "2.4", 0x82)] // a client's code
    [InlineData(5, "F0 0A 18 08 1500017815000178", "2.2.2.2", 0x82)]
    public void is_malformed(int version, string hex, string statement, int code)
    {
        byte[] packet = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Outcome outcome = Decoding.DecodeEveryWay(packet, (MqttVersion)version);
        Assert.Equal(FrameStatus.Malformed, outcome.Status);
        Assert.NotNull(outcome.Rule);
        Assert.Equal((statement, (ReasonCode)code), (outcome.Rule.Statement, outcome.Rule.Code));
        Assert.Contains($"[{statement}]", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void a_violation_names_the_rule_and_the_offending_value()
    {
        Outcome outcome = Decoding.DecodeEveryWay([0x30, 0x05, 0x00, 0x03, (byte)'a', (byte)'/', (byte)'#'], MqttVersion.V311);
        Assert.Equal("a topic name has no wildcard, got 'a/#' [MQTT-3.3.2-2]", outcome.Text);
    }

    [Fact]
    public void a_bad_first_byte_is_malformed_before_its_length_has_come() =>
        Assert.Equal(FrameStatus.Malformed, Decoding.Decode(Segments.Whole([0x36]), MqttVersion.V5).Status);
}
