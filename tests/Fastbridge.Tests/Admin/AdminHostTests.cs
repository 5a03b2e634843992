using System.Net;
using System.Net.Sockets;
using Fastbridge.Admin;

namespace Fastbridge.Tests.Admin;

/// <summary>The API beside the bridge: how it starts, and how it ends.</summary>
public class AdminHostTests : AdminTest
{
    [Fact]
    public async Task a_taken_port_is_one_warning_and_the_bridge_goes_on_without()
    {
        await using AdminHost second = await AdminHost.StartAsync(Options, Store, Bridge, Log);
        Assert.False(second.IsListening);
        string warning = Assert.Single(Log.Lines, l => l.StartsWith("Warning 4101 ", StringComparison.Ordinal));
        Assert.All(new[] { Options.Endpoint.ToString(), "--admin", "--no-admin" }, word => Assert.Contains(word, warning, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Base + "list")).Status);
    }

    [Fact]
    public async Task an_address_of_another_machine_is_one_warning_too()
    {
        // 192.0.2.0/24 is kept for documentation: no machine has it.
        await using AdminHost host = await AdminHost.StartAsync(AdminOptions.Create("192.0.2.1:58080", "0123456789abcdef", insecure: true), Store, Bridge, Log);
        Assert.False(host.IsListening);
        Assert.Single(Log.Lines, l => l.StartsWith("Warning 4101 ", StringComparison.Ordinal));
        // Said before it listens: whatever becomes of it, that it was asked for is told at each start.
        string warning = Assert.Single(Log.Lines, l => l.StartsWith("Warning 4107 ", StringComparison.Ordinal));
        Assert.Contains("--admin-insecure", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task none_wanted_is_none()
    {
        int lines = Log.Lines.Length;
        await using AdminHost host = await AdminHost.StartAsync(null, Store, Bridge, Log);
        Assert.False(host.IsListening);
        Assert.Equal(lines, Log.Lines.Length);
    }

    [Fact]
    public async Task the_end_frees_the_port_at_once_also_with_connections_that_say_nothing()
    {
        using var idle = new TcpClient();
        await idle.ConnectAsync(Options.Endpoint, TestContext.Current.CancellationToken);
        await GetAsync(Base + "list");
        long before = Environment.TickCount64;
        await DisposeAsync();
        // A connection that says nothing is kept for 60 s.
        Assert.InRange(Environment.TickCount64 - before, 0, 50_000);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var late = new TcpClient();
            await late.ConnectAsync(Options.Endpoint, TestContext.Current.CancellationToken);
        });
    }
}
