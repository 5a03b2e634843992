using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Transport;

/// <summary>Where the system's authorities are looked for. Alone: the environment is the process's.</summary>
[Collection(AloneTests.Name)]
public class SystemAuthoritiesTests
{
    [Fact]
    public void the_variable_counts_where_its_file_is_there_and_the_usual_places_else()
    {
        using var folder = new TempFolder("authorities");
        string? before = Environment.GetEnvironmentVariable(SystemAuthorities.FileVariable);
        try
        {
            Environment.SetEnvironmentVariable(SystemAuthorities.FileVariable, null);
            string? usual = SystemAuthorities.Find();
            Assert.True(usual is null || File.Exists(usual));
            string own = folder.Write("own.pem", "x");
            Environment.SetEnvironmentVariable(SystemAuthorities.FileVariable, own);
            Assert.Equal(own, SystemAuthorities.Find());
            File.Delete(own);
            Assert.Equal(usual, SystemAuthorities.Find());
        }
        finally
        {
            Environment.SetEnvironmentVariable(SystemAuthorities.FileVariable, before);
        }
    }
}
