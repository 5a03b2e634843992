using System.Diagnostics;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>What a server cannot make us do with memory.</summary>
[Collection(AloneTests.Name)]
public class MemoryTests : ClientTest
{
    [Fact]
    [Fault(14)]
    public async Task a_claim_of_256_MB_is_read_past_without_memory()
    {
        ScriptedBroker broker = Broker();
        Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        await Handler.EventAsync<MqttEvent.Connected>();
        long before = PrivateBytes();
        await link.SendAsync([0x32, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, (byte)'t', 0, 9, 0]);
        byte[] megabyte = new byte[1_048_576];
        for (int i = 0; i < 16; i++)
            await link.SendAsync(megabyte);
        Assert.InRange(PrivateBytes() - before, long.MinValue, 200_000_000);
        Assert.False(Handler.HasMessage);
        link.Reset();
        await broker.AcceptAsync();
    }

    private static long PrivateBytes()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PrivateMemorySize64;
    }
}
