using Fastbridge.Core;
using Fastbridge.Core.Buffering;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core;

/// <summary>The one lock that all files of ours share.</summary>
public sealed class LockFileTests : IDisposable
{
    private readonly TempFolder _folder = new("locks");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void one_at_a_time_has_it_and_its_end_frees_it()
    {
        string path = _folder.File("a.lock");
        using (LockFile.Open(path))
        {
            Assert.True(LockFile.IsTaken(Assert.ThrowsAny<IOException>(() => LockFile.Open(path))));
            Assert.True(LockFile.IsHeld(path));
        }

        Assert.False(LockFile.IsHeld(path));
        LockFile.Open(path).Dispose();
    }

    [Fact]
    public async Task it_is_the_operating_systems_lock_for_every_process()
    {
        string path = _folder.File("a.lock");
        using (LockFile.Open(path))
            Assert.Equal(1, await FlockAsync(path));
        Assert.Equal(0, await FlockAsync(path));
    }

    [Fact]
    public void a_file_that_cannot_be_opened_is_not_taken()
    {
        Assert.False(LockFile.IsTaken(Assert.ThrowsAny<IOException>(() => LockFile.Open(_folder.File("none/a.lock")))));
        Assert.False(LogFolder.IsLocked(_folder.File("none")));
    }

    private static async Task<int> FlockAsync(string path) => (await ChildProcess.RunAsync("/usr/bin/flock", ["--nonblock", path, "true"])).Code;
}
