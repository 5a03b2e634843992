using System.Diagnostics;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
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

    /// <summary>mosquitto 2.0.11 does so with a queue of millions; to end the connection would make all that is in flight come again.</summary>
    [Fact]
    public async Task a_server_that_sends_millions_before_it_reads_is_waited_for_and_gets_every_answer()
    {
        const int Count = 3_000_000, Block = 10_000; // 12 MB of answers: more than the sockets and the client keep.
        ScriptedBroker broker = Broker(MqttVersion.V311);
        Start(broker);
        ScriptedLink link = await broker.AcceptAsync();
        byte[] pubrels = [.. Enumerable.Repeat((byte[])[0x62, 2, 0, 7], Block).SelectMany(p => p)];
        long before = PrivateBytes();
        int sent = 0;
        Task sending = SendAllAsync();
        // The client has stopped reading when the sending makes no way. Should it only be slow, the test asks less, and does not fail.
        for (int seen = -1; seen != Volatile.Read(ref sent) && !sending.IsCompleted; await Task.Delay(2_000, TestContext.Current.CancellationToken))
            seen = Volatile.Read(ref sent);
        Assert.InRange(PrivateBytes() - before, long.MinValue, 200_000_000);
        await link.ReadBytesAsync(4L * Count);
        await sending;

        async Task SendAllAsync()
        {
            for (; sent < Count; sent += Block)
                await link.SendAsync(pubrels);
        }
    }

    private static long PrivateBytes()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PrivateMemorySize64;
    }
}
